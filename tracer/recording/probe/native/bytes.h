/* Bytes that grow, and how numbers and texts are written in them; see ../format.py. */

#ifndef STACKWALK_BYTES_H
#define STACKWALK_BYTES_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    unsigned char *data;
    size_t length, room;
} Bytes;

int bytes_grow(Bytes *bytes, size_t more);

/* For what is put together before it goes on a tape: while it is, Python code may run, and with it other
   threads. */
Bytes bytes_borrow(void);
void bytes_return(Bytes *bytes);

static inline int bytes_room(Bytes *bytes, size_t more) {
    return bytes->length + more <= bytes->room ? 0 : bytes_grow(bytes, more);
}

#define NUMBER_AT_MOST 10

/* The end of the number written at a place that has room for it. */
static inline unsigned char *number_at(unsigned char *at, uint64_t value) {
    while (value >= 0x80) {
        *at++ = (unsigned char)value | 0x80;
        value >>= 7;
    }
    *at++ = (unsigned char)value;
    return at;
}

/* The caller has made room. */
static inline void put_number(Bytes *bytes, uint64_t value) {
    bytes->length = number_at(bytes->data + bytes->length, value) - bytes->data;
}

/* As number_at. */
static inline unsigned char *raw_at(unsigned char *at, const void *data, size_t length) {
    at = number_at(at, length);
    memcpy(at, data, length);
    return at + length;
}

static inline int put_raw(Bytes *bytes, const void *data, size_t length) {
    if (bytes_room(bytes, length + NUMBER_AT_MOST) < 0)
        return -1;
    bytes->length = raw_at(bytes->data + bytes->length, data, length) - bytes->data;
    return 0;
}

int put_text(Bytes *bytes, PyObject *text);

#endif
