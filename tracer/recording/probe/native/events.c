/* The callbacks: what happens when the interpreter says that a function begins or ends. */

#include "native.h"
#include "internal/pycore_instruments.h"
#include <stddef.h>

struct Nearby nearby __attribute__((aligned(64)));

/* ---- which strand runs here ---- */

static PyObject *variable; /* the context variable */
static PyObject *strand_of; /* (context, may it be given one of its own) -> strand or None */
static PyObject *thread_name;
static PyObject *hold_back;
static PyObject *classify; /* (code, module) -> whether it was chosen and added */
static PyObject *on_failure; /* (error); raises it again where it is the program's */

/* What the context variable says is kept for as long as the same thread runs in the same context: the
   interpreter counts a thread's changes of context up. The probe's own changes are told by forget(). */
static void keep(PyThreadState *state, Strand *strand) {
    close_page();
    Strand *before = nearby.strand;
    nearby.strand = (Strand *)Py_XNewRef(strand);
    nearby.thread = state->id;
    nearby.context = state->context_ver;
    Py_XDECREF(before);
}

static PyObject *forget(PyObject *module, PyObject *unused) {
    close_page();
    nearby.thread = 0; /* no thread's */
    Py_CLEAR(nearby.strand);
    Py_RETURN_NONE;
}

/* The strand to record on, borrowed; NULL with or without an error set. */
static seldom Strand *look_for_strand(PyThreadState *state, PyObject *begins) {
    PyObject *context;
    if (PyContextVar_Get(variable, Py_None, &context) < 0 || context == NULL)
        return NULL;
    if (context == Py_None) {
        Py_DECREF(context);
        keep(state, NULL);
        return NULL;
    }
    PyObject *found = PyObject_CallFunctionObjArgs(strand_of, context, begins, NULL);
    Py_DECREF(context);
    if (found == NULL)
        return NULL;
    Strand *strand = Py_TYPE(found) == &StrandType ? (Strand *)found : NULL;
    if (strand != NULL || begins == Py_True)
        keep(state, strand);
    Py_DECREF(found);
    return strand;
}

static always_inline int is_known(PyThreadState *state) {
    return nearby.context == state->context_ver && nearby.thread == state->id;
}

static inline Strand *running_strand(PyThreadState *state, PyObject *begins) {
    return is_known(state) ? nearby.strand : look_for_strand(state, begins);
}

/* ---- beginnings ---- */

static int name_thread(Strand *strand) {
    PyObject *name = PyObject_CallNoArgs(thread_name);
    if (name == NULL)
        return -1;
    Py_XSETREF(strand->thread, name);
    return 0;
}

/* Where, in the stack of frames below frame, the function at the strand's top stands; NULL for nowhere. */
static always_inline Frame *caller_of(Running *top, Frame *frame) {
    /* Looked for, not taken as given: only a frame met on the way is sure to be there still. */
    do
        frame = frame->previous;
    while (frame != NULL && frame != top->frame);
    return frame;
}

/* A call whose arguments are to be taken. */
static kept_apart int begin_with_values(Strand *strand, Site *found, Frame *frame) {
    Tape *tape = strand->tape;
    Site site = *found; /* which may move while values are taken */
    Bytes values = bytes_borrow();
    int failed = put_arguments(tape, &values, site.function, frame) < 0 || tape_turn_to(tape, strand) < 0 ||
                 bytes_room(&tape->bytes, values.length + 2 * RECORD_AT_MOST) < 0 ||
                 strand_push(strand, frame, site.function) < 0;
    if (!failed) {
        put_head(tape, event_ticks(), KIND_RICH);
        put_number(&tape->bytes, RICH_VALUES);
        put_site(tape, &site);
        memcpy(tape->bytes.data + tape->bytes.length, values.data, values.length);
        tape->bytes.length += values.length;
        open_page(strand);
    }
    bytes_return(&values);
    return failed ? -1 : 0;
}

/* Whether there is no room for one more call, or none is wanted. */
static seldom int is_full(Tape *tape) {
    if (tape->stopped)
        return 1;
    if (tape->bytes.length > PENDING_MUCH) {
        PyObject *done = PyObject_CallOneArg(hold_back, (PyObject *)tape);
        Py_XDECREF(done);
        if (done == NULL || tape->bytes.length > PENDING_TOO_MUCH) {
            tape->skipped++;
            return 1;
        }
    }
    if (bytes_room(&tape->bytes, RECORD_AT_MOST) < 0)
        return 1;
    tape->limit = tape->bytes.room - RECORD_AT_MOST;
    if (tape->limit > PENDING_MUCH)
        tape->limit = PENDING_MUCH;
    return 0;
}

/* How often the generator or coroutine with the frame went on after a yield; -1 where there is no room to count. */
static inline int64_t count_activation(Tape *tape, Frame *frame, int resumed) {
    Activation *activation = tape_activation(tape, frame);
    if (unlikely(activation == NULL))
        return -1;
    return activation->count = resumed ? activation->count + 1 : 0;
}

static int begin_on(Strand *strand, PyObject *code, Frame *frame, int resumed) {
    Tape *tape = strand->tape;
    if (tape->bytes.length >= tape->limit || strand->depth == 0) {
        if (is_full(tape) || (strand->thread == NULL && name_thread(strand) < 0))
            return PyErr_Occurred() ? -1 : 0;
        close_page(); /* others may have run */
    }
    Frame *caller = strand->depth ? caller_of(&strand->stack[strand->depth], frame) : NULL;
    void *instruction = caller ? INSTRUCTION(caller) : NULL;
    Site *site = site_among(tape->sites, tape->site_room - 1, instruction, code);
    if (site->code == NULL && (site = tape_new_site(tape, instruction, code, caller)) == NULL)
        return PyErr_Occurred() ? -1 : 0;
    int64_t times = site->function->resumable ? count_activation(tape, frame, resumed) : 0;
    if (times < 0)
        return -1;
    if (values_mode != VALUES_NONE && !resumed && site->function->count)
        return begin_with_values(strand, site, frame);
    if (tape_turn_to(tape, strand) < 0 || bytes_room(&tape->bytes, RECORD_AT_MOST) < 0)
        return -1;
    if (strand_push(strand, frame, site->more ? site->function : NULL) < 0)
        return -1;
    put_head(tape, event_ticks(), times ? KIND_RICH : KIND_CALL);
    if (times)
        put_number(&tape->bytes, RICH_ACTIVATION);
    put_site(tape, site);
    if (times)
        put_number(&tape->bytes, times);
    open_page(strand);
    return 0;
}

static kept_apart int begin(PyThreadState *state, PyObject *code, Frame *frame, int resumed) {
    Strand *strand = running_strand(state, Py_True);
    if (strand == NULL)
        return PyErr_Occurred() ? -1 : 0;
    close_page();
    Py_INCREF(strand);
    int done = begin_on(strand, code, frame, resumed);
    Py_DECREF(strand);
    return done;
}

/* ---- ends ---- */

/* The ends of functions above frame were not seen: end them now. */
static seldom int catch_up(Strand *strand, Frame *frame, uint64_t now) {
    size_t depth = strand->depth;
    while (depth > 0 && strand->stack[depth].frame != frame)
        depth--;
    if (depth == 0)
        return 0;
    Tape *tape = strand->tape;
    size_t lost = strand->depth - depth;
    if (tape_turn_to(tape, strand) < 0 || bytes_room(&tape->bytes, 2 * NUMBER_AT_MOST * (lost + 1)) < 0)
        return -1;
    for (; strand->depth > depth; strand->depth--) {
        put_head(tape, now, KIND_RICH);
        put_number(&tape->bytes, RICH_END | RAISED << RICH_OUTCOME);
    }
    PyObject *said =
        PyUnicode_FromFormat("the ends of %zu calls were not seen and are taken from their caller's", lost);
    if (said == NULL)
        return -1;
    int failed = tape_notice(tape, said);
    Py_DECREF(said);
    return failed < 0 ? -1 : 1;
}

static kept_apart int end_with_value(Strand *strand, Function *function, int outcome, PyObject *value, uint64_t now) {
    Tape *tape = strand->tape;
    Bytes result = bytes_borrow();
    int failed = put_result(tape, &result, function, outcome, value) < 0 || tape_turn_to(tape, strand) < 0 ||
                 bytes_room(&tape->bytes, result.length + 2 * NUMBER_AT_MOST) < 0;
    if (!failed) {
        put_head(tape, now, KIND_RICH);
        put_number(&tape->bytes, RICH_END | outcome << RICH_OUTCOME | RICH_VALUE);
        memcpy(tape->bytes.data + tape->bytes.length, result.data, result.length);
        tape->bytes.length += result.length;
        strand->depth--;
        open_page(strand);
    }
    bytes_return(&result);
    return failed ? -1 : 0;
}

static int end_on(Strand *strand, Frame *frame, int outcome, PyObject *value) {
    if (strand->depth == 0)
        return 0;
    uint64_t now = event_ticks();
    if (strand->stack[strand->depth].frame != frame) {
        int found = catch_up(strand, frame, now);
        if (found <= 0)
            return found;
    }
    Tape *tape = strand->tape;
    Function *function = strand->stack[strand->depth].function;
    if (function != NULL) {
        if (outcome != YIELDED && function->resumable)
            tape_ended(tape, frame);
        if (values_mode != VALUES_NONE)
            return end_with_value(strand, function, outcome, value, now);
    }
    if (tape_turn_to(tape, strand) < 0 || bytes_room(&tape->bytes, 2 * NUMBER_AT_MOST) < 0)
        return -1;
    strand->depth--;
    put_head(tape, now, outcome == RETURNED ? KIND_RETURN : KIND_RICH);
    if (outcome != RETURNED)
        put_number(&tape->bytes, RICH_END | outcome << RICH_OUTCOME);
    open_page(strand);
    return 0;
}

static kept_apart int end(PyThreadState *state, PyObject *code, Frame *frame, int outcome, PyObject *value) {
    if (outcome == RAISED && function_of(code) == NULL)
        return 0;
    Strand *strand = running_strand(state, Py_False);
    if (strand == NULL)
        return PyErr_Occurred() ? -1 : 0;
    close_page();
    Py_INCREF(strand);
    int done = end_on(strand, frame, outcome, value);
    Py_DECREF(strand);
    return done;
}

/* What to do with the exception that is set: it may be the program's own, of a signal handler that ran while
   Python code was called. */
static seldom int failed(void) {
    PyObject *error = PyErr_GetRaisedException();
    PyObject *done = PyObject_CallOneArg(on_failure, error);
    Py_DECREF(error);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

/* ---- the callbacks ---- */

/* Most events are written on the page. What has to be asked or called for the others is kept apart, and is the
   last that a callback does: then those need no stack of their own. */

static kept_apart PyObject *begin_off_page(PyObject *code, int resumed) {
    PyThreadState *state = running_thread(code);
    return begin(state, code, RUNNING_FRAME(state), resumed) < 0 && failed() < 0 ? NULL : Py_None /* immortal */;
}

static kept_apart PyObject *end_off_page(PyObject *code, int outcome, PyObject *value) {
    PyThreadState *state = running_thread(code);
    return end(state, code, RUNNING_FRAME(state), outcome, value) < 0 && failed() < 0 ? NULL : Py_None;
}

/* Whether no time has passed since the record before. */
static always_inline int is_same_time(void) {
    /* What the clock's thread writes may be lost here; then the next time it does is soon enough. */
    int32_t left = nearby.lookout.left - 1;
    nearby.lookout.left = left;
    return left > 0;
}

/* The head of a record at a time of its own. */
static inline unsigned char *timed_head(int kind) {
    uint64_t now = look_at_clock();
    return number_at(nearby.page.at, passed_until(now, nearby.page.started, &nearby.page.last) << 2 | kind);
}

static inline unsigned char *page_head(int kind) {
    if (!is_same_time())
        return timed_head(kind);
    *nearby.page.at = (unsigned char)kind;
    return nearby.page.at + 1;
}

static always_inline void page_push(Frame *frame, Function *function) {
    *++nearby.page.top = (Running){frame, ++nearby.page.span, function};
}

static always_inline PyObject *put_call(unsigned char *at, Site *site) {
    memcpy(at, site->number, SITE_AT_MOST);
    nearby.page.at = at + site->length;
    return Py_None;
}

static kept_apart PyObject *put_timed_call(Site *site) { return put_call(timed_head(KIND_CALL), site); }

/* What is not written after all: the time that it took from the page is given back. */
static PyObject *begin_after_all(uint64_t last, PyObject *code, int resumed) {
    nearby.page.last = last;
    return begin_off_page(code, resumed);
}

static PyObject *put_call_with_values(Site *site, Frame *frame) {
    Function *function = site->function;
    Tape *tape = nearby.strand->tape;
    size_t room = nearby.page.limit - nearby.page.at;
    uint64_t last = nearby.page.last;
    if (room < function->count * value_at_most + NUMBER_AT_MOST ||
        (function->resumable && count_activation(tape, frame, 0) < 0))
        return begin_after_all(last, function->code, 0);
    unsigned char *at = page_head(KIND_RICH);
    *at++ = RICH_VALUES;
    memcpy(at, site->number, SITE_AT_MOST);
    at = arguments_at(at + site->length, tape, function, frame);
    if (at == NULL)
        return begin_after_all(last, function->code, 0);
    page_push(frame, function);
    nearby.page.at = at;
    return Py_None;
}

static kept_apart PyObject *put_call_with_more(Site *site, Frame *frame, int resumed) {
    if (values_mode != VALUES_NONE && !resumed && site->function->count)
        return put_call_with_values(site, frame);
    int64_t times = site->function->resumable ? count_activation(nearby.strand->tape, frame, resumed) : 0;
    if (times < 0)
        return failed() < 0 ? NULL : Py_None;
    page_push(frame, site->function);
    if (times == 0)
        return put_call(page_head(KIND_CALL), site);
    unsigned char *at = page_head(KIND_RICH);
    *at++ = RICH_ACTIVATION;
    put_call(at, site);
    nearby.page.at = number_at(nearby.page.at, times);
    return Py_None;
}

static always_inline PyObject *put_end_at(unsigned char *at, int outcome) {
    if (outcome != RETURNED)
        *at++ = RICH_END | outcome << RICH_OUTCOME;
    nearby.page.at = at;
    return Py_None;
}

static kept_apart PyObject *put_timed_end(int outcome) {
    return put_end_at(timed_head(outcome == RETURNED ? KIND_RETURN : KIND_RICH), outcome);
}

static kept_apart PyObject *put_end_with_more(Frame *frame, Function *function, int outcome, PyObject *value) {
    Tape *tape = nearby.strand->tape;
    if (values_mode != VALUES_NONE) {
        if ((size_t)(nearby.page.limit - nearby.page.at) < value_at_most)
            return end_off_page(function->code, outcome, value);
        uint64_t last = nearby.page.last;
        unsigned char *at = page_head(KIND_RICH);
        *at++ = RICH_END | outcome << RICH_OUTCOME | RICH_VALUE;
        at = result_at(at, tape, function, outcome, value);
        if (at == NULL) {
            nearby.page.last = last;
            return end_off_page(function->code, outcome, value);
        }
        nearby.page.at = at;
    }
    else
        put_end_at(page_head(outcome == RETURNED ? KIND_RETURN : KIND_RICH), outcome);
    nearby.page.top--;
    if (outcome != YIELDED && function->resumable)
        tape_ended(tape, frame);
    return Py_None;
}

/* The frame that has come to an event of code; NULL where there is more to find out than that it is the page's
   strand that runs. */
static always_inline Frame *frame_on_page(PyObject *code) {
    PyThreadState *state = last_to_run();
    Frame *frame = state ? RUNNING_FRAME(state) : NULL;
    int fits = frame != NULL && (PyObject *)frame_code(frame) == code && nearby.page.at < nearby.page.limit;
    return fits && is_known(state) ? frame : NULL;
}

static always_inline PyObject *begins(PyObject *code, int resumed) {
    Frame *frame = frame_on_page(code);
    if (unlikely(frame == NULL || nearby.page.top == nearby.page.end))
        return begin_off_page(code, resumed);
    Frame *caller = caller_of(nearby.page.top, frame);
    if (unlikely(caller == NULL))
        return begin_off_page(code, resumed);
    Site *site = site_among(nearby.page.sites, nearby.page.site_mask, INSTRUCTION(caller), code);
    if (unlikely(site->code == NULL))
        return begin_off_page(code, resumed);
    if (site->more)
        return put_call_with_more(site, frame, resumed);
    page_push(frame, NULL);
    if (!is_same_time())
        return put_timed_call(site);
    *nearby.page.at = KIND_CALL;
    return put_call(nearby.page.at + 1, site);
}

static always_inline PyObject *ends(PyObject *code, int outcome, PyObject *value) {
    Frame *frame = frame_on_page(code);
    if (unlikely(frame == NULL || nearby.page.top->frame != frame))
        return end_off_page(code, outcome, value);
    Function *function = nearby.page.top->function;
    if (function != NULL)
        return put_end_with_more(frame, function, outcome, value);
    nearby.page.top--;
    if (!is_same_time())
        return put_timed_end(outcome);
    *nearby.page.at = outcome == RETURNED ? KIND_RETURN : KIND_RICH;
    return put_end_at(nearby.page.at + 1, outcome);
}

/* They are objects that can be called with as little ado as possible. */
typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
} Callback;

#define CALLBACK(name, action)                                                                                 \
    static PyObject *name(PyObject *self, PyObject *const *arguments, size_t count, PyObject *keywords) {      \
        return action;                                                                                         \
    }

CALLBACK(on_start, begins(arguments[0], 0))
CALLBACK(on_resume, begins(arguments[0], 1))
CALLBACK(on_return, ends(arguments[0], RETURNED, arguments[2]))
CALLBACK(on_yield, ends(arguments[0], YIELDED, arguments[2]))
CALLBACK(on_unwind, ends(arguments[0], RAISED, arguments[2]))

/* Not local: of code that is not chosen, too, and of a generator that was never started. */
static seldom int thrown(PyObject *code) {
    PyThreadState *state = running_thread(code);
    Frame *frame = RUNNING_FRAME(state);
    if (running_strand(state, Py_True) == NULL)
        return PyErr_Occurred() ? -1 : 0;
    if (function_of(code) == NULL) {
        PyObject *module = PyDict_GetItemString(frame->f_globals, "__name__");
        PyObject *chosen = PyObject_CallFunctionObjArgs(classify, code, module ? module : Py_None, NULL);
        if (chosen == NULL)
            return -1;
        int is_chosen = chosen == Py_True;
        Py_DECREF(chosen);
        if (!is_chosen)
            return 0;
    }
    return begin(state, code, frame, 1);
}

CALLBACK(on_throw, thrown(arguments[0]) < 0 && failed() < 0 ? NULL : Py_None)

static PyTypeObject CallbackType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "stackwalk_probe._native.Callback",
    .tp_basicsize = sizeof(Callback),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_vectorcall_offset = offsetof(Callback, call),
    .tp_call = PyVectorcall_Call,
};

/* Records that the function has begun in whose name Python code was called back, unless that is known. */
static PyObject *enter_caller(PyObject *module, PyObject *code) {
    PyThreadState *state = PyThreadState_GetUnchecked();
    Frame *frame = RUNNING_FRAME(state);
    while (frame != NULL && (PyObject *)frame_code(frame) != code)
        frame = frame->previous;
    Strand *strand = frame ? running_strand(state, Py_True) : NULL;
    close_page();
    int known = strand != NULL && strand->depth && strand->stack[strand->depth].frame == frame;
    int missed = PyErr_Occurred() || (strand != NULL && !known && begin(state, code, frame, 0) < 0);
    if (missed && failed() < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* Nothing in the code says that these two may happen: the interpreter looks here each time. */
static PyObject *follow_exceptions(PyObject *module, PyObject *args) {
    static const int events[] = {PY_MONITORING_EVENT_PY_UNWIND, PY_MONITORING_EVENT_PY_THROW};
    int tool, on;
    if (!PyArg_ParseTuple(args, "ip", &tool, &on))
        return NULL;
    uint8_t *tools = PyInterpreterState_Get()->monitors.tools;
    for (size_t index = 0; index < sizeof events / sizeof *events; index++)
        tools[events[index]] = (uint8_t)(on ? tools[events[index]] | 1 << tool : tools[events[index]] & ~(1 << tool));
    Py_RETURN_NONE;
}

static PyObject *configure(PyObject *module, PyObject *args) {
    PyObject *capture, *mode;
    if (!PyArg_ParseTuple(args, "OOOOOOOO", &variable, &strand_of, &thread_name, &hold_back, &classify, &on_failure,
                          &capture, &mode))
        return NULL;
    PyObject *kept[] = {variable, strand_of, thread_name, hold_back, classify, on_failure};
    for (size_t index = 0; index < sizeof kept / sizeof *kept; index++)
        Py_INCREF(kept[index]); /* as long as the process lives */
    if (values_configure(capture, mode) < 0)
        return NULL;
    clock_start();
    nearby.lock = PyInterpreterState_Get()->ceval.gil;
    Py_RETURN_NONE;
}

PyMethodDef event_methods[] = {
    {"configure", configure, METH_VARARGS, "Say what is to be asked when more than C is needed."},
    {"forget", forget, METH_NOARGS, "The running context has changed."},
    {"follow_exceptions", follow_exceptions, METH_VARARGS, "Be told of exceptions, or no longer: tool, on."},
    {"enter_caller", enter_caller, METH_O, "Record that the function with this code, which runs below, has begun."},
    {"add_function", (PyCFunction)(void (*)(void))add_function, METH_FASTCALL,
     "Take note of a chosen function: see there."},
    {"join_pairs", join_pairs, METH_O, "Have code run as fast as before events were turned on or off in it."},
    {NULL}};

int events_ready(PyObject *module) {
    static const struct {
        const char *event;
        vectorcallfunc call;
    } all[] = {{"PY_START", on_start},   {"PY_RESUME", on_resume}, {"PY_RETURN", on_return},
               {"PY_YIELD", on_yield},   {"PY_THROW", on_throw},   {"PY_UNWIND", on_unwind}};
    if (PyType_Ready(&CallbackType) < 0)
        return -1;
    PyObject *callbacks = PyDict_New();
    if (callbacks == NULL)
        return -1;
    for (size_t index = 0; index < sizeof all / sizeof *all; index++) {
        Callback *callback = PyObject_New(Callback, &CallbackType);
        if (callback == NULL)
            return -1;
        callback->call = all[index].call;
        int failed = PyDict_SetItemString(callbacks, all[index].event, (PyObject *)callback);
        Py_DECREF(callback);
        if (failed < 0)
            return -1;
    }
    return PyModule_AddObject(module, "CALLBACKS", callbacks);
}
