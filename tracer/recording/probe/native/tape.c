/* Tapes take a trace's records, strands are the stacks of running functions that the records concern. */

#include "native.h"
#include <stddef.h>

/* ---- strands ---- */

static void strand_dealloc(Strand *strand) {
    if (strand->tape->current == strand)
        strand->tape->current = NULL;
    Py_DECREF(strand->tape);
    Py_DECREF(strand->incoming);
    Py_XDECREF(strand->thread);
    PyMem_RawFree(strand->stack);
    PyObject_Free(strand);
}

int strand_grow(Strand *strand) {
    size_t room = strand->room ? strand->room * 2 : 32;
    Running *stack = PyMem_RawRealloc(strand->stack, room * sizeof *stack);
    if (stack == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    stack[0] = (Running){.frame = NOBODYS_FRAME};
    strand->stack = stack;
    strand->room = room;
    return 0;
}

static PyObject *strand_outgoing(Strand *strand, PyObject *args) {
    int link;
    PyObject *key, *detail;
    if (!PyArg_ParseTuple(args, "iUU", &link, &key, &detail))
        return NULL;
    close_page();
    Tape *tape = strand->tape;
    if (strand->thread == NULL || tape_turn_to(tape, strand) < 0)
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    if (bytes_room(&tape->bytes, 4 * NUMBER_AT_MOST) < 0)
        return NULL;
    put_head(tape, ticks(), KIND_OTHER);
    put_number(&tape->bytes, OP_OUTGOING);
    put_number(&tape->bytes, link);
    if (put_text(&tape->bytes, key) < 0 || put_text(&tape->bytes, detail) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *strand_depth(Strand *strand, void *unused) {
    close_page();
    return PyLong_FromSize_t(strand->depth);
}

static PyObject *strand_thread(Strand *strand, void *unused) {
    return strand->thread ? Py_NewRef(strand->thread) : PyUnicode_FromString("");
}

static PyMethodDef strand_methods[] = {
    {"outgoing", (PyCFunction)strand_outgoing, METH_VARARGS,
     "Note that something leaves the function at the top."},
    {NULL}};

static PyGetSetDef strand_attributes[] = {{"depth", (getter)strand_depth, NULL, "How many functions are running."},
                                          {"thread", (getter)strand_thread, NULL, "The thread's name."},
                                          {NULL}};

PyTypeObject StrandType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "stackwalk_probe._native.Strand",
    .tp_basicsize = sizeof(Strand),
    .tp_dealloc = (destructor)strand_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "A stack of running functions that belongs to one context.",
    .tp_methods = strand_methods,
    .tp_getset = strand_attributes,
};

/* ---- tapes ---- */

static void tape_begin_block(Tape *tape) {
    tape->block++;
    tape->first_span = tape->span + 1;
    tape->bytes.length = 0;
    tape->current = NULL;
    tape->last = 0;
    tape->started_ns = clock_ns();
    tape->started = ticks();
}

static PyObject *tape_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    Tape *tape = (Tape *)type->tp_alloc(type, 0);
    if (tape == NULL)
        return NULL;
    static uint64_t tapes;
    tape->id = ++tapes;
    tape->site_room = 1024;
    tape->activation_room = 64;
    tape->sites = new_sites(tape->site_room);
    tape->activations = PyMem_RawCalloc(tape->activation_room, sizeof(Activation));
    tape->threads.of = PyDict_New();
    tape->types.of = PyDict_New();
    if (!tape->sites || !tape->activations || !tape->threads.of || !tape->types.of ||
        bytes_grow(&tape->bytes, 1 << 15) < 0) {
        Py_DECREF(tape);
        return PyErr_NoMemory();
    }
    tape_begin_block(tape);
    return (PyObject *)tape;
}

static void tape_dealloc(Tape *tape) {
    PyMem_RawFree(tape->bytes.data);
    free(tape->sites);
    PyMem_RawFree(tape->activations);
    PyMem_RawFree(tape->functions.bits);
    PyMem_RawFree(tape->names.bits);
    Py_XDECREF(tape->threads.of);
    Py_XDECREF(tape->types.of);
    Py_TYPE(tape)->tp_free(tape);
}

static int describe(Tape *tape, Strand *strand) {
    if (strand->thread_number == UINT32_MAX) {
        int64_t number = tape_thread(tape, strand->thread);
        if (number < 0)
            return -1;
        strand->thread_number = number;
        strand->number = tape->strands++;
    }
    Bytes *bytes = &tape->bytes;
    if (bytes_room(bytes, (5 + strand->depth) * NUMBER_AT_MOST) < 0)
        return -1;
    put_number(bytes, KIND_OTHER);
    put_number(bytes, OP_STRAND);
    put_number(bytes, strand->number);
    put_number(bytes, strand->thread_number);
    if (put_text(bytes, strand->incoming) < 0 || bytes_room(bytes, (1 + strand->depth) * NUMBER_AT_MOST) < 0)
        return -1;
    put_number(bytes, strand->depth);
    for (size_t index = 1; index <= strand->depth; index++)
        put_number(bytes, strand->stack[index].span);
    return 0;
}

/* Have the next records concern strand, whose thread is known. */
int tape_turn_to(Tape *tape, Strand *strand) {
    close_page(); /* others may have run since the caller did so */
    if (tape->current == strand)
        return 0;
    if (strand->block != tape->block) {
        if (describe(tape, strand) < 0)
            return -1;
        strand->block = tape->block;
    }
    else {
        if (bytes_room(&tape->bytes, 3 * NUMBER_AT_MOST) < 0)
            return -1;
        put_number(&tape->bytes, KIND_OTHER);
        put_number(&tape->bytes, OP_SWITCH);
        put_number(&tape->bytes, strand->number);
    }
    tape->current = strand;
    return 0;
}

/* ---- how often generators went on ---- */

Activation *tape_new_activation(Tape *tape, Frame *frame) {
    if (tape->activation_count * 2 >= tape->activation_room) {
        Activation *before = tape->activations;
        size_t room = tape->activation_room;
        Activation *after = PyMem_RawCalloc(room * 2, sizeof *after);
        if (after == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        tape->activations = after;
        tape->activation_room = room * 2;
        for (size_t index = 0; index < room; index++)
            if (before[index].frame != NULL)
                *activation_slot(tape, before[index].frame) = before[index];
        PyMem_RawFree(before);
    }
    Activation *made = activation_slot(tape, frame);
    *made = (Activation){.frame = frame};
    tape->activation_count++;
    return made;
}

void tape_forget_activation(Tape *tape, Activation *activation) {
    size_t mask = tape->activation_room - 1;
    activation->frame = NULL;
    tape->activation_count--;
    /* What was put further on because this place was taken is put anew. */
    for (size_t slot = (activation - tape->activations + 1) & mask; tape->activations[slot].frame != NULL;
         slot = (slot + 1) & mask) {
        Activation moved = tape->activations[slot];
        tape->activations[slot].frame = NULL;
        *activation_slot(tape, moved.frame) = moved;
    }
}

/* ---- what Python asks of a tape ---- */

static PyObject *tape_strand(Tape *tape, PyObject *incoming) {
    Strand *strand = PyObject_New(Strand, &StrandType);
    if (strand == NULL)
        return NULL;
    strand->tape = (Tape *)Py_NewRef(tape);
    strand->incoming = Py_NewRef(incoming);
    strand->thread = NULL;
    strand->stack = NULL;
    strand->depth = strand->room = 0;
    strand->block = 0;
    strand->number = 0;
    strand->thread_number = UINT32_MAX;
    return (PyObject *)strand;
}

static PyObject *tape_pending(Tape *tape, PyObject *unused) {
    close_page();
    return PyLong_FromSize_t(tape->bytes.length + tape->skipped);
}

int tape_notice(Tape *tape, PyObject *said) {
    if (bytes_room(&tape->bytes, 2 * NUMBER_AT_MOST) < 0)
        return -1;
    put_head(tape, ticks(), KIND_OTHER);
    put_number(&tape->bytes, OP_NOTICE);
    return put_text(&tape->bytes, said);
}

static PyObject *tape_notice_method(Tape *tape, PyObject *said) {
    close_page();
    return tape_notice(tape, said) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *tape_close(Tape *tape, PyObject *unused) {
    close_page();
    if (bytes_room(&tape->bytes, 2 * NUMBER_AT_MOST) < 0)
        return NULL;
    put_head(tape, ticks(), KIND_OTHER);
    put_number(&tape->bytes, OP_CLOSE);
    memset(tape->activations, 0, tape->activation_room * sizeof *tape->activations);
    tape->activation_count = 0;
    Py_RETURN_NONE;
}

static void let_go_of_room(Tape *tape) {
    PyMem_RawFree(tape->bytes.data);
    tape->bytes = (Bytes){NULL, 0, 0};
    tape->limit = 0;
}

enum { CALIBRATED_FROM_NS = 10000000, ROOM_KEPT = 1 << 19 };

static PyObject *tape_take(Tape *tape, PyObject *pause) {
    close_page();
    if (tape->skipped) {
        PyObject *said = PyUnicode_FromFormat(
            "%llu calls were not recorded: more came than could be written", (unsigned long long)tape->skipped);
        tape->skipped = 0;
        if (said == NULL)
            return NULL;
        int failed = tape_notice(tape, said);
        Py_DECREF(said);
        if (failed < 0)
            return NULL;
    }
    int64_t since_ns = tape->started_ns;
    uint64_t since = tape->started;
    int64_t now_ns = clock_ns();
    uint64_t now = ticks();
    if (now_ns - since_ns < CALIBRATED_FROM_NS) { /* too short to tell how long a tick is */
        since_ns = clock_first_ns;
        since = clock_first_ticks;
    }
    unsigned long long units = (now - since) >> unit_bits;
    long long duration = now_ns - since_ns;
    if (units == 0) {
        units = 1;
        duration = 1 << unit_bits;
    }
    PyObject *piece = Py_BuildValue("y#LLKK()()()", (char *)tape->bytes.data, (Py_ssize_t)tape->bytes.length,
                                    (long long)tape->started_ns, duration, units,
                                    (unsigned long long)tape->first_span);
    if (tape->bytes.room > ROOM_KEPT)
        let_go_of_room(tape);
    tape_begin_block(tape);
    return piece;
}

static PyObject *tape_rest(Tape *tape, PyObject *unused) {
    close_page();
    if (tape->bytes.length == 0)
        let_go_of_room(tape);
    Py_RETURN_NONE;
}

static PyObject *tape_stopped(Tape *tape, void *unused) { return PyBool_FromLong(tape->stopped); }

static int tape_set_stopped(Tape *tape, PyObject *value, void *unused) {
    close_page();
    tape->stopped = value != NULL && PyObject_IsTrue(value) == 1;
    tape->limit = 0;
    return 0;
}

static PyMethodDef tape_methods[] = {
    {"strand", (PyCFunction)tape_strand, METH_O, "An empty strand whose lowest functions run under a link."},
    {"pending", (PyCFunction)tape_pending, METH_NOARGS, "How much waits to be taken; 0 for nothing."},
    {"notice", (PyCFunction)tape_notice_method, METH_O, "Note that something is missing."},
    {"close", (PyCFunction)tape_close, METH_NOARGS, "Note that the process ends its record in order."},
    {"take", (PyCFunction)tape_take, METH_O, "What was recorded since the last time."},
    {"rest", (PyCFunction)tape_rest, METH_NOARGS, "Let go of what only makes recording faster."},
    {NULL}};

static PyGetSetDef tape_attributes[] = {
    {"stopped", (getter)tape_stopped, (setter)tape_set_stopped, "No further calls are taken."}, {NULL}};

PyTypeObject TapeType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "stackwalk_probe._native.Tape",
    .tp_basicsize = sizeof(Tape),
    .tp_dealloc = (destructor)tape_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Takes a trace's events, from any thread, and gives them as records.",
    .tp_methods = tape_methods,
    .tp_getset = tape_attributes,
    .tp_new = tape_new,
};
