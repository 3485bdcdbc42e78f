/* Arguments and results: what needs no thought is written down here, all else is asked of ../capture.py,
   which knows the rules. */

#include "native.h"

static PyObject *take_value, *take_withheld, *take_handed_out, *take_error; /* of Capture */
static PyObject *looked_at_closely; /* its masker's: texts, and what is shown of them */

/* ---- what needs no thought ---- */

static PyTypeObject *builtin_type(int index) {
    PyTypeObject *types[BUILTIN_TYPES] = {Py_TYPE(Py_None), &PyBool_Type,  &PyLong_Type,      &PyFloat_Type,
                                          &PyUnicode_Type,  &PyBytes_Type, &PyByteArray_Type, &PyList_Type,
                                          &PyTuple_Type,    &PyDict_Type,  &PySet_Type,       &PyFrozenSet_Type};
    return types[index];
}

enum { T_NONE, T_BOOL, T_INT, T_FLOAT, T_STR, T_BYTES, T_BYTEARRAY, T_LIST, T_TUPLE, T_DICT, T_SET, T_FROZENSET };

/* Each of these gives the end of what it wrote; NULL where there is more to do than to write. */

static inline unsigned char *type_at(unsigned char *at, Tape *tape, int type) {
    uint32_t number = tape->builtin_types[type];
    return unlikely(number == 0) ? NULL : number_at(at, number - 1);
}

static inline unsigned char *sized_at(unsigned char *at, Tape *tape, int type, Py_ssize_t size) {
    at = type_at(at, tape, type);
    if (at == NULL)
        return NULL;
    *at++ = VALUE_SIZE;
    return number_at(at, size);
}

static inline unsigned char *bare_at(unsigned char *at, Tape *tape, int type) {
    at = type_at(at, tape, type);
    if (at != NULL)
        *at++ = 0;
    return at;
}

/* As short as a number is, and only shown in that mode. */
static unsigned char *shown_at(unsigned char *at, Tape *tape, int type, const char *shown, size_t length) {
    if (values_mode != VALUES_SHORT)
        return bare_at(at, tape, type);
    at = type_at(at, tape, type);
    if (at == NULL)
        return NULL;
    *at++ = VALUE_TEXT;
    return raw_at(at, shown, length);
}

/* What may be shown of a text, after its type. */
static inline unsigned char *looked_at(unsigned char *at, PyObject *value, int look) {
    Py_ssize_t size = PyUnicode_GET_LENGTH(value);
    int shown = look != TEXT_HIDDEN && size > 0;
    *at++ = shown ? VALUE_TEXT | VALUE_SIZE : VALUE_SIZE;
    return number_at(shown ? text_at(at, value, look) : at, size);
}

static inline unsigned char *text_value_at(unsigned char *at, Tape *tape, PyObject *value) {
    int look = look_at_text(value);
    at = look == TEXT_UNCLEAR ? NULL : type_at(at, tape, T_STR);
    return at ? looked_at(at, value, look) : NULL;
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

static unsigned char *int_at(unsigned char *at, Tape *tape, PyObject *value) {
    char digits[DIGITS_AT_MOST];
    size_t shown = values_mode == VALUES_SHORT ? digits_of(value, digits) : 1;
    return shown ? shown_at(at, tape, T_INT, digits + DIGITS_AT_MOST - shown, shown) : NULL;
}

static unsigned char *float_at(unsigned char *at, Tape *tape, PyObject *value) {
    char *shown = PyOS_double_to_string(PyFloat_AS_DOUBLE(value), 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    if (shown == NULL) {
        PyErr_Clear();
        return NULL;
    }
    at = shown_at(at, tape, T_FLOAT, shown, strlen(shown));
    PyMem_Free(shown);
    return at;
}

static int is_container(PyObject *value) {
    return PyDict_CheckExact(value) || PyList_CheckExact(value) || PyTuple_CheckExact(value);
}

static inline unsigned char *container_at(unsigned char *at, Tape *tape, int type, PyObject *value, Py_ssize_t size) {
    return size == 0 || nothing_secret_in(value) ? sized_at(at, tape, type, size) : NULL;
}

/* No code of the program runs, and nobody else gets the interpreter's lock. There is room for value_at_most. */
static unsigned char *value_at(unsigned char *at, Tape *tape, PyObject *value) {
    PyTypeObject *type = Py_TYPE(value);
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE)
        return object_at(at, tape, value); /* none of those below */
    if (value == Py_None)
        return bare_at(at, tape, T_NONE);
    if (type == &PyUnicode_Type)
        return text_value_at(at, tape, value);
    if (type == &PyLong_Type)
        return int_at(at, tape, value);
    if (type == &PyBool_Type)
        return value == Py_True ? shown_at(at, tape, T_BOOL, "True", 4) : shown_at(at, tape, T_BOOL, "False", 5);
    if (type == &PyList_Type)
        return container_at(at, tape, T_LIST, value, PyList_GET_SIZE(value));
    if (type == &PyTuple_Type)
        return container_at(at, tape, T_TUPLE, value, PyTuple_GET_SIZE(value));
    if (type == &PyDict_Type)
        return container_at(at, tape, T_DICT, value, PyDict_GET_SIZE(value));
    if (type == &PyFloat_Type)
        return float_at(at, tape, value);
    if (type == &PyBytes_Type)
        return sized_at(at, tape, T_BYTES, PyBytes_GET_SIZE(value));
    if (type == &PyByteArray_Type)
        return sized_at(at, tape, T_BYTEARRAY, PyByteArray_GET_SIZE(value));
    if (type == &PySet_Type || type == &PyFrozenSet_Type)
        return sized_at(at, tape, type == &PySet_Type ? T_SET : T_FROZENSET, PySet_GET_SIZE(value));
    return object_at(at, tape, value);
}

static inline PyObject *argument_of(struct Argument *argument, Frame *frame) {
    PyObject *value = frame->localsplus[argument->index];
    if (value != NULL && argument->cell && PyCell_Check(value))
        value = PyCell_GET(value);
    return value != NULL ? value : Py_None;
}

static inline int needs_thought(Function *function, int is_secret, PyObject *value) {
    return (is_secret && value != Py_None) || (function->leaf && PyUnicode_CheckExact(value));
}

unsigned char *arguments_at(unsigned char *at, Tape *tape, Function *function, Frame *frame) {
    at = number_at(at, function->count);
    for (int index = 0; at != NULL && index < function->count; index++) {
        struct Argument *argument = &function->arguments[index];
        PyObject *value = argument_of(argument, frame);
        at = needs_thought(function, argument->secret, value) ? NULL : value_at(at, tape, value);
    }
    return at;
}

unsigned char *result_at(unsigned char *at, Tape *tape, Function *function, int outcome, PyObject *value) {
    if (outcome == RAISED || needs_thought(function, function->secret_result, value))
        return NULL;
    return value_at(at, tape, value);
}

/* ---- all else ---- */

/* The type's number on the tape, after which is said what it stands for where that was not said before: then
   *learnt becomes 1. -1 for an error. */
static int64_t type_number(Tape *tape, PyTypeObject *type, int *learnt) {
    int index = BUILTIN_TYPES - 1;
    while (index >= 0 && type != builtin_type(index))
        index--;
    if (index < 0)
        return kind_number(tape, type, learnt);
    if (tape->builtin_types[index] == 0) {
        PyObject *name = PyUnicode_FromString(type->tp_name);
        int64_t number = name ? tape_type(tape, name) : -1;
        Py_XDECREF(name);
        if (number < 0)
            return -1;
        tape->builtin_types[index] = number + 1;
        *learnt = 1;
    }
    return tape->builtin_types[index] - 1;
}

/* Leaves room for a value. */
static int put_type_of(Tape *tape, Bytes *bytes, PyObject *value) {
    int learnt;
    int64_t number = type_number(tape, Py_TYPE(value), &learnt);
    if (number < 0 || bytes_room(bytes, value_at_most) < 0)
        return -1;
    put_number(bytes, number);
    return 0;
}

/* A value as ../capture.py gives it: (type name, text, size or None, is it masked). Takes the reference. */
static int put_captured(Tape *tape, Bytes *bytes, PyObject *captured) {
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

static int put_value(Tape *tape, Bytes *bytes, PyObject *value) {
    int learnt;
    do {
        if (bytes_room(bytes, value_at_most) < 0)
            return -1;
        unsigned char *end = value_at(bytes->data + bytes->length, tape, value);
        if (end != NULL) {
            bytes->length = end - bytes->data;
            return 0;
        }
        learnt = 0;
        if (type_number(tape, Py_TYPE(value), &learnt) < 0)
            return -1;
    } while (learnt);
    PyObject *known = PyUnicode_CheckExact(value) ? PyDict_GetItemWithError(looked_at_closely, value) : NULL;
    return put_captured(tape, bytes, known ? Py_NewRef(known) : PyObject_CallOneArg(take_value, value));
}

static int put_withheld(Tape *tape, Bytes *bytes, PyObject *name, PyObject *value) {
    if (!nothing_to_remember(name, value) || (is_container(value) && !nothing_secret_in(value)))
        return put_captured(tape, bytes, PyObject_CallFunctionObjArgs(take_withheld, name, value, NULL));
    if (PyBool_Check(value))
        return put_value(tape, bytes, value);
    if (put_type_of(tape, bytes, value) < 0)
        return -1;
    int sized = PyUnicode_CheckExact(value) || PyBytes_CheckExact(value) || is_container(value);
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
    unsigned char *at = bytes->data + bytes->length;
    if (is_text)
        at = looked_at(at, message, look);
    else
        *at++ = 0;
    bytes->length = at - bytes->data;
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
        PyObject *value = Py_NewRef(argument_of(argument, frame));
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
    PyObject *masker = PyObject_GetAttrString(capture, "masker");
    looked_at_closely = masker ? PyObject_GetAttrString(masker, "looked_at") : NULL; /* stays the same one */
    Py_XDECREF(masker);
    if (!looked_at_closely || !take_value || !take_withheld || !take_error || !take_handed_out ||
        functions_configure() < 0 || secrets_configure(capture) < 0 || objects_configure(capture) < 0)
        return -1;
    return texts_configure(capture);
}
