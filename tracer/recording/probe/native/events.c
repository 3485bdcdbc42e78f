/* The callbacks: what happens when the interpreter says that a function begins or ends. */

#include "native.h"
#include "internal/pycore_instruments.h"
#include <stddef.h>

struct Nearby nearby __attribute__((aligned(64)));

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

/* The head of a record at a time of its own. */
static inline unsigned char *timed_head(int kind) {
    uint64_t now = look_at_clock();
    return number_at(nearby.page.at, passed_until(now, nearby.page.started, &nearby.page.last) << 2 | kind);
}

static inline unsigned char *page_head(int kind) {
    unsigned char *at = nearby.page.at;
    if (at >= nearby.page.due)
        return timed_head(kind);
    *at = (unsigned char)kind;
    return at + 1;
}

static always_inline void page_push(Frame *frame, Function *function) {
    *++nearby.page.top = (Running){frame, ++nearby.page.span, function};
}

static inline PyObject *put_call(unsigned char *at, Site *site) {
    nearby.page.at = site_at(at, site);
    return Py_None;
}

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
    at = arguments_at(site_at(at, site), tape, function, frame);
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

/* The frame that has come to an event of code, where it is the open page's strand that runs; else NULL: there is
   more to find out. */
static always_inline Frame *frame_on_page(PyObject *code) {
    PyThreadState *state = last_to_run();
    Frame *frame = state ? RUNNING_FRAME(state) : NULL;
    return frame != NULL && (PyObject *)frame_code(frame) == code && is_known(state) ? frame : NULL;
}

/* On a page with room: a record with a time of its own, or one at the time of the record before, which comes at
   the place given. Both are compiled apart, so that the latter does not look at what it does not need. */
static always_inline PyObject *begin_on_page(PyObject *code, int resumed, unsigned char *at, int timed) {
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
    if (timed)
        return put_call(timed_head(KIND_CALL), site);
    memcpy(at, (unsigned char *)site + offsetof(Site, call), 8); /* as one; what is too much is written over */
    nearby.page.at = at + site->length;
    return Py_None;
}

static always_inline PyObject *end_on_page(PyObject *code, int outcome, PyObject *value, unsigned char *at, int timed) {
    Frame *frame = frame_on_page(code);
    if (unlikely(frame == NULL || nearby.page.top->frame != frame))
        return end_off_page(code, outcome, value);
    Function *function = nearby.page.top->function;
    if (function != NULL)
        return put_end_with_more(frame, function, outcome, value);
    nearby.page.top--;
    int kind = outcome == RETURNED ? KIND_RETURN : KIND_RICH;
    if (timed)
        return put_end_at(timed_head(kind), outcome);
    *at = (unsigned char)kind;
    return put_end_at(at + 1, outcome);
}

static kept_apart PyObject *begin_at_a_time(PyObject *code, int resumed) {
    int is_open = nearby.page.at < nearby.page.limit;
    return is_open ? begin_on_page(code, resumed, NULL, 1) : begin_off_page(code, resumed);
}

static kept_apart PyObject *end_at_a_time(PyObject *code, int outcome, PyObject *value) {
    int is_open = nearby.page.at < nearby.page.limit;
    return is_open ? end_on_page(code, outcome, value, NULL, 1) : end_off_page(code, outcome, value);
}

static always_inline PyObject *begins(PyObject *code, int resumed) {
    unsigned char *at = nearby.page.at;
    return at < nearby.page.due ? begin_on_page(code, resumed, at, 0) : begin_at_a_time(code, resumed);
}

static always_inline PyObject *ends(PyObject *code, int outcome, PyObject *value) {
    unsigned char *at = nearby.page.at;
    return at < nearby.page.due ? end_on_page(code, outcome, value, at, 0) : end_at_a_time(code, outcome, value);
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

CALLBACK(on_throw, thrown(arguments[0]) < 0 && failed() < 0 ? NULL : Py_None)

static PyTypeObject CallbackType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "stackwalk_probe._native.Callback",
    .tp_basicsize = sizeof(Callback),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_vectorcall_offset = offsetof(Callback, call),
    .tp_call = PyVectorcall_Call,
};

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
