/* A spool's blocks; a twin of ../blocks.py.

   A block is packed and written without the interpreter's lock, which is let go of once: each time that the
   thread which writes asks for it back, one that serves a request has to make way. */

#include "native.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* ---- the library that Python's own module stands on ---- */

typedef struct {
    const unsigned char *next_in;
    unsigned available_in;
    unsigned long total_in;
    unsigned char *next_out;
    unsigned available_out;
    unsigned long total_out;
    const char *message;
    void *state, *allocate, *free, *opaque;
    int data_type;
    unsigned long check, reserved;
} Packing; /* its z_stream, whose size it is told */

enum { METHOD_DEFLATED = 8, STRATEGY_DEFAULT = 0, FINISH = 4, STREAM_END = 1 };

static struct {
    int (*begin)(Packing *, int level, int method, int window, int memory, int strategy, const char *version, int size);
    int (*pack)(Packing *, int flush);
    int (*end)(Packing *);
    unsigned long (*checksum)(unsigned long, const unsigned char *, unsigned length);
    const char *(*version)(void);
} library;

static int pack_from, pack_after, level, window, memory;

/* pack_with(from, after, level, window, memory): see ../blocks.py; whether blocks can be made here. */
static PyObject *pack_with(PyObject *module, PyObject *args) {
    if (!PyArg_ParseTuple(args, "iiiii", &pack_from, &pack_after, &level, &window, &memory))
        return NULL;
    void *loaded = dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL);
    if (loaded == NULL)
        Py_RETURN_FALSE;
    *(void **)&library.begin = dlsym(loaded, "deflateInit2_");
    *(void **)&library.pack = dlsym(loaded, "deflate");
    *(void **)&library.end = dlsym(loaded, "deflateEnd");
    *(void **)&library.checksum = dlsym(loaded, "crc32");
    *(void **)&library.version = dlsym(loaded, "zlibVersion");
    return PyBool_FromLong(library.begin && library.pack && library.end && library.checksum &&
                           library.version);
}

/* ---- blocks ---- */

enum { MARK_LENGTH = 4, HEAD = MARK_LENGTH + 4 + 4, PLAIN = 0, DEFLATED = 1 };

static void put_little_endian(unsigned char *at, uint32_t value) {
    for (int index = 0; index < 4; index++)
        at[index] = (unsigned char)(value >> 8 * index);
}

/* The length of content packed into room, which is as long as content; 0 where that does not help. */
static size_t packed(const unsigned char *content, size_t length, unsigned char *room) {
    Packing packing = {.next_in = content, .available_in = (unsigned)length, .next_out = room,
                       .available_out = (unsigned)length};
    if (library.begin(&packing, level, METHOD_DEFLATED, window, memory, STRATEGY_DEFAULT, library.version(),
                      sizeof packing) != 0)
        return 0;
    int done = library.pack(&packing, FINISH);
    library.end(&packing);
    return done == STREAM_END && packing.total_out < length ? packing.total_out : 0;
}

static int write_all(int file, const unsigned char *data, size_t length) {
    while (length) {
        ssize_t written = write(file, data, length);
        if (written < 0 && errno != EINTR)
            return -1;
        if (written > 0) {
            data += written;
            length -= written;
        }
    }
    return 0;
}

static int append(const char *path, const unsigned char *data, size_t length, long long size) {
    /* Opened for each block: a service that closes all descriptors, or a trace that never ends, costs nothing. */
    int file = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
        return -1;
    int failed = write_all(file, data, length);
    int why = errno;
    if (failed && ftruncate(file, size) < 0)
        why = errno;
    close(file);
    errno = why;
    return failed;
}

/* append_block(path, content, size, at_most): see ../blocks.py. */
static PyObject *append_block(PyObject *module, PyObject *args) {
    PyObject *path;
    Py_buffer content;
    long long size, at_most;
    if (!PyArg_ParseTuple(args, "O&y*LL", PyUnicode_FSConverter, &path, &content, &size, &at_most))
        return NULL;
    size_t length = content.len;
    unsigned char *data = PyMem_RawMalloc(HEAD + 1 + length);
    int failed = data == NULL, too_long = 0;
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        int worth_it = length >= (size_t)pack_from && size + (long long)length > pack_after;
        size_t shorter = worth_it ? packed(content.buf, length, data + HEAD + 1) : 0;
        if (!shorter)
            memcpy(data + HEAD + 1, content.buf, length);
        else
            length = shorter;
        data[HEAD] = shorter ? DEFLATED : PLAIN;
        memcpy(data, "\x1eSWB", MARK_LENGTH);
        put_little_endian(data + MARK_LENGTH, (uint32_t)(1 + length));
        put_little_endian(data + MARK_LENGTH + 4, (uint32_t)library.checksum(0, data + HEAD, (unsigned)(1 + length)));
        length += HEAD + 1;
        too_long = size + (long long)length > at_most;
        failed = !too_long && append(PyBytes_AS_STRING(path), data, length, size) < 0;
        Py_END_ALLOW_THREADS
    }
    PyObject *done = data == NULL ? PyErr_NoMemory()
                     : failed     ? PyErr_SetFromErrno(PyExc_OSError)
                                  : PyLong_FromSize_t(too_long ? 0 : length);
    PyMem_RawFree(data);
    PyBuffer_Release(&content);
    Py_DECREF(path);
    return done;
}

PyMethodDef block_methods[] = {
    {"pack_with", pack_with, METH_VARARGS, "Say how blocks are packed; whether they can be made here."},
    {"append_block", append_block, METH_VARARGS, "Append a block to a file: path, content, size, at most."},
    {NULL}};
