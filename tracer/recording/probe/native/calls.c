/* What is recorded of a call where more is to be found out, asked or taken than the page holds; see events.c. */

#include "native.h"

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

PyObject *forget(PyObject *module, PyObject *unused) {
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

/* A call whose arguments are to be taken. */
static kept_apart int begin_with_values(Strand *strand, Site *found, Frame *frame) {
    Tape *tape = strand->tape;
    Site site = *found; /* which may move while values are taken */
    Bytes values = bytes_borrow();
    int failed = put_arguments(tape, &values, site.function, frame) < 0 || tape_turn_to(tape, strand) < 0 ||
                 bytes_room(&tape->bytes, values.length + 2 * RECORD_AT_MOST) < 0 ||
                 strand_push(strand, frame, site.function) < 0;
    if (!failed) {
        put_head(tape, look_at_clock(), KIND_RICH);
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
    put_head(tape, look_at_clock(), times ? KIND_RICH : KIND_CALL);
    if (times)
        put_number(&tape->bytes, RICH_ACTIVATION);
    put_site(tape, site);
    if (times)
        put_number(&tape->bytes, times);
    open_page(strand);
    return 0;
}

kept_apart int begin(PyThreadState *state, PyObject *code, Frame *frame, int resumed) {
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
    uint64_t now = look_at_clock();
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

kept_apart int end(PyThreadState *state, PyObject *code, Frame *frame, int outcome, PyObject *value) {
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
seldom int failed(void) {
    PyObject *error = PyErr_GetRaisedException();
    PyObject *done = PyObject_CallOneArg(on_failure, error);
    Py_DECREF(error);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

/* ---- what is met off the usual way ---- */

enum { DISMISSED_KEPT = 256 };
static PyObject *dismissed[DISMISSED_KEPT]; /* code that was found not to be chosen */

static int is_chosen(PyObject *code, Frame *frame) {
    PyObject **place = &dismissed[((uintptr_t)code >> 4) % DISMISSED_KEPT];
    if (function_of(code) != NULL)
        return 1;
    if (*place == code)
        return 0;
    PyObject *module = PyDict_GetItemString(frame->f_globals, "__name__");
    PyObject *found = PyObject_CallFunctionObjArgs(classify, code, module ? module : Py_None, NULL);
    if (found == NULL)
        return -1;
    int is_one = found == Py_True;
    Py_DECREF(found);
    if (!is_one)
        Py_XSETREF(*place, Py_NewRef(code));
    return is_one;
}

/* Not local: of code that is not chosen, too, and of a generator that was never started. */
seldom int thrown(PyObject *code) {
    PyThreadState *state = running_thread(code);
    Frame *frame = RUNNING_FRAME(state);
    if (running_strand(state, Py_True) == NULL)
        return PyErr_Occurred() ? -1 : 0;
    int found = is_chosen(code, frame);
    return found > 0 ? begin(state, code, frame, 1) : found;
}

/* Records that the function has begun in whose name Python code was called back, unless that is known. */
PyObject *enter_caller(PyObject *module, PyObject *code) {
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

PyObject *configure(PyObject *module, PyObject *args) {
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
