/* Bytes that grow while records are written into them. */

#include "native.h"

int bytes_grow(Bytes *bytes, size_t more) {
    size_t room = bytes->room ? bytes->room : 4096;
    while (room < bytes->length + more)
        room *= 2;
    unsigned char *data = PyMem_RawRealloc(bytes->data, room);
    if (data == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    bytes->data = data;
    bytes->room = room;
    return 0;
}

static Bytes spare;

Bytes bytes_borrow(void) {
    Bytes borrowed = spare;
    borrowed.length = 0;
    spare = (Bytes){NULL, 0, 0};
    return borrowed;
}

void bytes_return(Bytes *bytes) {
    if (spare.data == NULL && bytes->room <= 1 << 16)
        spare = *bytes;
    else
        PyMem_RawFree(bytes->data);
}

int put_text(Bytes *bytes, PyObject *text) {
    Py_ssize_t length;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &length);
    if (utf8 != NULL)
        return put_raw(bytes, utf8, length);
    PyErr_Clear();
    PyObject *escaped = PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace");
    if (escaped == NULL)
        return -1;
    int done = put_raw(bytes, PyBytes_AS_STRING(escaped), PyBytes_GET_SIZE(escaped));
    Py_DECREF(escaped);
    return done;
}
