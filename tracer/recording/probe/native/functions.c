/* The functions that were chosen: what their calls are written with. */

#include "native.h"

static Function **functions;
static size_t function_count, function_room;

static size_t function_slot(PyObject *code) {
    size_t slot = (((uintptr_t)code >> 4) * 0x9E3779B1u >> 5) & (function_room - 1);
    while (functions[slot] != NULL && functions[slot]->code != code)
        slot = (slot + 1) & (function_room - 1);
    return slot;
}

/* That code was not chosen, as most of what exceptions pass was not, is mostly to be seen by one look at these
   few bits, which stay in the processor's nearer memory. */
enum { CHOSEN_BITS = 16 };
static uint64_t chosen[(1 << CHOSEN_BITS) / 64];

static uint64_t *chosen_word(PyObject *code, uint64_t *bit) {
    uint64_t place = ((uintptr_t)code >> 4) * 0x9E3779B97F4A7C15u >> (64 - CHOSEN_BITS);
    *bit = (uint64_t)1 << (place & 63);
    return &chosen[place / 64];
}

Function *function_of(PyObject *code) {
    uint64_t bit;
    return *chosen_word(code, &bit) & bit ? functions[function_slot(code)] : NULL;
}

static int functions_grow(void) {
    size_t before = function_room;
    Function **old = functions, **fresh = PyMem_RawCalloc(before ? before * 2 : 4096, sizeof *fresh);
    if (fresh == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    functions = fresh;
    function_room = before ? before * 2 : 4096;
    for (size_t index = 0; index < before; index++)
        if (old[index] != NULL)
            functions[function_slot(old[index]->code)] = old[index];
    PyMem_RawFree(old);
    return 0;
}

static PyObject *argument_names; /* numbers by name */

static int number_argument(struct Argument *argument) {
    PyObject *known = PyDict_GetItemWithError(argument_names, argument->name);
    if (known != NULL) {
        argument->number = (uint32_t)PyLong_AsLong(known);
        return 0;
    }
    argument->number = (uint32_t)PyDict_GET_SIZE(argument_names);
    PyObject *number = PyErr_Occurred() ? NULL : PyLong_FromLong(argument->number);
    int failed = number == NULL || PyDict_SetItem(argument_names, argument->name, number) < 0;
    Py_XDECREF(number);
    return failed ? -1 : 0;
}

enum { BEFORE_ARGUMENTS = 7 };

/* add_function(code, number, id, file, is the result secret, is it resumable, is it a leaf,
   (index, is it secret, name)...) */
PyObject *add_function(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    PyObject *code = arguments[0];
    if (function_count * 2 >= function_room && functions_grow() < 0)
        return NULL;
    size_t slot = function_slot(code);
    if (functions[slot] != NULL)
        Py_RETURN_NONE;
    Function *function = PyMem_RawCalloc(1, sizeof(Function) + count * sizeof(struct Argument));
    if (function == NULL)
        return PyErr_NoMemory();
    function->code = code;
    function->number = (uint32_t)PyLong_AsLong(arguments[1]);
    function->id = arguments[2];
    function->file = arguments[3];
    function->secret_result = arguments[4] == Py_True;
    function->resumable = arguments[5] == Py_True;
    function->leaf = arguments[6] == Py_True;
    function->count = (int)count - BEFORE_ARGUMENTS;
    const char *kinds = PyBytes_AS_STRING(((PyCodeObject *)code)->co_localspluskinds);
    for (int index = 0; index < function->count; index++) {
        struct Argument *argument = &function->arguments[index];
        if (!PyArg_ParseTuple(arguments[index + BEFORE_ARGUMENTS], "ipO", &argument->index, &argument->secret,
                              &argument->name) ||
            number_argument(argument) < 0) {
            PyMem_RawFree(function);
            return NULL;
        }
        argument->cell = (kinds[argument->index] & CO_FAST_CELL) != 0;
    }
    for (int index = 0; index < function->count; index++)
        Py_INCREF(function->arguments[index].name); /* functions stay */
    Py_INCREF(function->id);
    Py_INCREF(function->file);
    functions[slot] = function;
    function_count++;
    uint64_t bit;
    *chosen_word(code, &bit) |= bit;
    Py_RETURN_NONE;
}

int functions_configure(void) {
    argument_names = PyDict_New();
    return argument_names ? 0 : -1;
}
