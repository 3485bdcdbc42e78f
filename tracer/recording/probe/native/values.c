/* Arguments and results: what needs no thought is written down here, all else is asked of ../capture.py,
   which knows the rules. */

#include "native.h"

static PyObject *take_value, *take_withheld, *take_handed_out, *take_error; /* of Capture */
static PyObject *safe_texts; /* its masker's: texts that were looked at closely, and what is shown of them */

/* ---- the functions ---- */

static Function **functions;
static size_t function_count, function_room;

static size_t function_slot(PyObject *code) {
    size_t slot = (((uintptr_t)code >> 4) * 0x9E3779B1u >> 5) & (function_room - 1);
    while (functions[slot] != NULL && functions[slot]->code != code)
        slot = (slot + 1) & (function_room - 1);
    return slot;
}

Function *function_of(PyObject *code) { return function_room ? functions[function_slot(code)] : NULL; }

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
    Py_RETURN_NONE;
}

/* ---- writing values ---- */

static PyTypeObject *builtin_type(int index) {
    PyTypeObject *types[BUILTIN_TYPES] = {Py_TYPE(Py_None), &PyBool_Type,  &PyLong_Type,      &PyFloat_Type,
                                          &PyUnicode_Type,  &PyBytes_Type, &PyByteArray_Type, &PyList_Type,
                                          &PyTuple_Type,    &PyDict_Type,  &PySet_Type,       &PyFrozenSet_Type};
    return types[index];
}

enum { T_NONE, T_BOOL, T_INT, T_FLOAT, T_STR, T_BYTES, T_BYTEARRAY, T_LIST, T_TUPLE, T_DICT, T_SET, T_FROZENSET };

static int put_builtin_type(Tape *tape, Bytes *bytes, int index) {
    if (tape->builtin_types[index] == 0) {
        PyObject *name = PyUnicode_FromString(builtin_type(index)->tp_name);
        int64_t number = name ? tape_type(tape, name) : -1;
        Py_XDECREF(name);
        if (number < 0)
            return -1;
        tape->builtin_types[index] = number + 1;
    }
    if (bytes_room(bytes, 4 * NUMBER_AT_MOST) < 0)
        return -1;
    put_number(bytes, tape->builtin_types[index] - 1);
    return 0;
}

static int put_bare(Tape *tape, Bytes *bytes, int type) {
    if (put_builtin_type(tape, bytes, type) < 0)
        return -1;
    put_number(bytes, 0);
    return 0;
}

static int put_sized(Tape *tape, Bytes *bytes, int type, Py_ssize_t size) {
    if (put_builtin_type(tape, bytes, type) < 0)
        return -1;
    put_number(bytes, VALUE_SIZE);
    put_number(bytes, size);
    return 0;
}

static int put_shown(Tape *tape, Bytes *bytes, int type, const char *shown, size_t length) {
    if (put_builtin_type(tape, bytes, type) < 0)
        return -1;
    put_number(bytes, VALUE_TEXT);
    return put_raw(bytes, shown, length);
}

/* A value as ../capture.py gives it: (type name, text, size or None, is it masked). Takes the reference. */
int put_captured(Tape *tape, Bytes *bytes, PyObject *captured) {
    if (captured == NULL)
        return -1;
    int done = -1;
    PyObject *text = PyTuple_GET_ITEM(captured, 1), *size = PyTuple_GET_ITEM(captured, 2);
    int64_t type = tape_type(tape, PyTuple_GET_ITEM(captured, 0));
    if (type >= 0 && bytes_room(bytes, 3 * NUMBER_AT_MOST) == 0) {
        int has_text = PyUnicode_GET_LENGTH(text) > 0;
        put_number(bytes, type);
        put_number(bytes, (has_text ? VALUE_TEXT : 0) | (size != Py_None ? VALUE_SIZE : 0) |
                              (PyTuple_GET_ITEM(captured, 3) == Py_True ? VALUE_MASKED : 0));
        if ((!has_text || put_text(bytes, text) == 0) && bytes_room(bytes, NUMBER_AT_MOST) == 0) {
            if (size != Py_None)
                put_number(bytes, PyLong_AsSize_t(size));
            done = 0;
        }
    }
    Py_DECREF(captured);
    return done;
}

/* What may be shown of a text, after its type. */
static int put_looked_at(Bytes *bytes, PyObject *value, int look) {
    Py_ssize_t size = PyUnicode_GET_LENGTH(value);
    int shown = look != TEXT_HIDDEN && size > 0;
    if (bytes_room(bytes, NUMBER_AT_MOST) < 0)
        return -1;
    put_number(bytes, shown ? VALUE_TEXT | VALUE_SIZE : VALUE_SIZE);
    if ((shown && put_look(bytes, value, look) < 0) || bytes_room(bytes, NUMBER_AT_MOST) < 0)
        return -1;
    put_number(bytes, size);
    return 0;
}

static int put_text_value(Tape *tape, Bytes *bytes, PyObject *value) {
    int look = look_at_text(value);
    if (look == TEXT_UNCLEAR) {
        PyObject *known = PyDict_GetItemWithError(safe_texts, value);
        return put_captured(tape, bytes, known ? Py_NewRef(known) : PyObject_CallOneArg(take_value, value));
    }
    return put_builtin_type(tape, bytes, T_STR) < 0 ? -1 : put_looked_at(bytes, value, look);
}

/* How many characters an int is shown with, which are put at the end of digits; 0 where it is too long. */
size_t digits_of(PyObject *value, char digits[DIGITS_AT_MOST]) {
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow)
        return 0;
    char *at = digits + DIGITS_AT_MOST;
    unsigned long long left = number < 0 ? 0ull - (unsigned long long)number : (unsigned long long)number;
    do {
        *--at = '0' + left % 10;
        left /= 10;
    } while (left);
    if (number < 0)
        *--at = '-';
    return digits + DIGITS_AT_MOST - at;
}

static int put_int(Tape *tape, Bytes *bytes, PyObject *value) {
    if (values_mode != VALUES_SHORT)
        return put_bare(tape, bytes, T_INT);
    char digits[DIGITS_AT_MOST];
    size_t shown = digits_of(value, digits);
    if (!shown)
        return put_captured(tape, bytes, PyObject_CallOneArg(take_value, value));
    return put_shown(tape, bytes, T_INT, digits + DIGITS_AT_MOST - shown, shown);
}

static int put_float(Tape *tape, Bytes *bytes, PyObject *value) {
    if (values_mode != VALUES_SHORT)
        return put_bare(tape, bytes, T_FLOAT);
    char *shown = PyOS_double_to_string(PyFloat_AS_DOUBLE(value), 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    if (shown == NULL)
        return -1;
    int done = put_shown(tape, bytes, T_FLOAT, shown, strlen(shown));
    PyMem_Free(shown);
    return done;
}

/* ---- containers ---- */

static int is_container(PyObject *value) {
    return PyDict_CheckExact(value) || PyList_CheckExact(value) || PyTuple_CheckExact(value);
}

static int put_container(Tape *tape, Bytes *bytes, int type, PyObject *value, Py_ssize_t size) {
    if (nothing_secret_in(value))
        return put_sized(tape, bytes, type, size);
    return put_captured(tape, bytes, PyObject_CallOneArg(take_value, value));
}

static int put_value(Tape *tape, Bytes *bytes, PyObject *value) {
    PyTypeObject *type = Py_TYPE(value);
    if (value == Py_None)
        return put_bare(tape, bytes, T_NONE);
    if (type == &PyUnicode_Type)
        return put_text_value(tape, bytes, value);
    if (type == &PyLong_Type)
        return put_int(tape, bytes, value);
    if (type == &PyBool_Type) {
        if (values_mode != VALUES_SHORT)
            return put_bare(tape, bytes, T_BOOL);
        return value == Py_True ? put_shown(tape, bytes, T_BOOL, "True", 4)
                                : put_shown(tape, bytes, T_BOOL, "False", 5);
    }
    if (type == &PyList_Type)
        return put_container(tape, bytes, T_LIST, value, PyList_GET_SIZE(value));
    if (type == &PyTuple_Type)
        return put_container(tape, bytes, T_TUPLE, value, PyTuple_GET_SIZE(value));
    if (type == &PyDict_Type)
        return put_container(tape, bytes, T_DICT, value, PyDict_GET_SIZE(value));
    if (type == &PyFloat_Type)
        return put_float(tape, bytes, value);
    if (type == &PyBytes_Type)
        return put_sized(tape, bytes, T_BYTES, PyBytes_GET_SIZE(value));
    if (type == &PyByteArray_Type)
        return put_sized(tape, bytes, T_BYTEARRAY, PyByteArray_GET_SIZE(value));
    if (type == &PySet_Type || type == &PyFrozenSet_Type)
        return put_sized(tape, bytes, type == &PySet_Type ? T_SET : T_FROZENSET, PySet_GET_SIZE(value));
    return put_object(tape, bytes, value, take_value);
}

/* ---- what the callbacks ask for ---- */

static int put_withheld(Tape *tape, Bytes *bytes, PyObject *name, PyObject *value) {
    if (!nothing_to_remember(name, value) || (is_container(value) && !nothing_secret_in(value)))
        return put_captured(tape, bytes, PyObject_CallFunctionObjArgs(take_withheld, name, value, NULL));
    if (PyBool_Check(value))
        return put_shown(tape, bytes, T_BOOL, value == Py_True ? "True" : "False", value == Py_True ? 4 : 5);
    int type = BUILTIN_TYPES - 1;
    while (type > T_NONE && Py_TYPE(value) != builtin_type(type))
        type--;
    if ((type > T_NONE ? put_builtin_type(tape, bytes, type) : put_type_of(tape, bytes, value)) < 0)
        return -1;
    int sized = type == T_STR || type == T_BYTES || is_container(value);
    put_number(bytes, sized ? VALUE_SIZE | VALUE_MASKED : VALUE_MASKED);
    if (sized)
        put_number(bytes, PyObject_Size(value));
    return 0;
}

/* An exception: its type and, of a plain text, its message. */
static int put_error(Tape *tape, Bytes *bytes, PyObject *error) {
    PyObject *arguments = PyExceptionInstance_Check(error) ? ((PyBaseExceptionObject *)error)->args : NULL;
    if (arguments == NULL || !PyTuple_CheckExact(arguments))
        return put_captured(tape, bytes, PyObject_CallOneArg(take_error, error));
    PyObject *message = PyTuple_GET_SIZE(arguments) ? PyTuple_GET_ITEM(arguments, 0) : Py_None;
    int is_text = values_mode == VALUES_SHORT && PyUnicode_CheckExact(message);
    int look = is_text ? look_at_text(message) : TEXT_HIDDEN;
    if (look == TEXT_UNCLEAR)
        return put_captured(tape, bytes, PyObject_CallOneArg(take_error, error));
    if (put_type_of(tape, bytes, error) < 0)
        return -1;
    if (is_text)
        return put_looked_at(bytes, message, look);
    put_number(bytes, 0);
    return 0;
}

static int put_shown_value(Tape *tape, Bytes *bytes, Function *function, PyObject *value) {
    if (function->leaf && PyUnicode_CheckExact(value))
        return put_captured(tape, bytes, PyObject_CallOneArg(take_handed_out, value));
    return put_value(tape, bytes, value);
}

int put_arguments(Tape *tape, Bytes *bytes, Function *function, Frame *frame) {
    if (bytes_room(bytes, NUMBER_AT_MOST) < 0)
        return -1;
    put_number(bytes, function->count);
    for (int index = 0; index < function->count; index++) {
        struct Argument *argument = &function->arguments[index];
        PyObject *value = frame->localsplus[argument->index];
        if (value != NULL && argument->cell && PyCell_Check(value))
            value = PyCell_GET(value);
        if (value == NULL)
            value = Py_None;
        Py_INCREF(value);
        int done = argument->secret && value != Py_None
                       ? put_withheld(tape, bytes, argument->name, value)
                       : put_shown_value(tape, bytes, function, value);
        Py_DECREF(value);
        if (done < 0)
            return -1;
    }
    return 0;
}

int put_result(Tape *tape, Bytes *bytes, Function *function, int outcome, PyObject *value) {
    if (outcome == RAISED)
        return put_error(tape, bytes, value);
    if (function->secret_result && value != Py_None)
        return put_withheld(tape, bytes, ((PyCodeObject *)function->code)->co_name, value);
    return put_shown_value(tape, bytes, function, value);
}

int values_configure(PyObject *capture, PyObject *mode) {
    values_mode = PyUnicode_CompareWithASCIIString(mode, "none") == 0  ? VALUES_NONE
                  : PyUnicode_CompareWithASCIIString(mode, "ids") == 0 ? VALUES_IDS
                                                                       : VALUES_SHORT;
    take_value = PyObject_GetAttrString(capture, "value");
    take_withheld = PyObject_GetAttrString(capture, "withheld");
    take_error = PyObject_GetAttrString(capture, "error");
    take_handed_out = PyObject_GetAttrString(capture, "handed_out");
    argument_names = PyDict_New();
    PyObject *masker = PyObject_GetAttrString(capture, "masker");
    safe_texts = masker ? PyObject_GetAttrString(masker, "safe") : NULL; /* stays the same one */
    Py_XDECREF(masker);
    if (!safe_texts || !argument_names || !take_value || !take_withheld || !take_error || !take_handed_out || secrets_configure(capture) < 0 ||
        objects_configure(capture) < 0)
        return -1;
    return texts_configure(capture);
}
