/* The work list in C: the twin of tracer/worklist/kernel.py, whose docstrings say what each method does.
 *
 * Both do the same in the same order, to the byte of the graph that comes out: what is changed in one is changed in
 * the other. Here a variable takes 40 bytes and four more for each value and each way. Up to FEW values stand in the
 * order in which they came, more of them by number.
 *
 * numbers.h has rows of numbers, values.c what variables hold, ways.c where that goes and who watches it, methods.c
 * what Python calls to have something done, questions.c what it asks, module.c the type and its life.
 */

#ifndef STACKWALK_KERNEL_H
#define STACKWALK_KERNEL_H

#include "numbers.h"

#define BLOCK_BITS 12
#define BLOCK (1 << BLOCK_BITS)
#define MOST_DATA 12 /* so many things at most a watcher is told with the numbers */

typedef struct {
    PyObject *action;
    Py_ssize_t count;
    PyObject *data[];
} Watcher;

typedef struct {
    Py_ssize_t count, room;
    Watcher *each[];
} Watchers; /* of one variable */

typedef struct {
    int32_t *values, *ways; /* up to two numbers stand in the pointer's place: see numbers_of */
    uintptr_t watchers;     /* a Watcher, or a Watchers with the lowest bit set */
    uint32_t value_count, way_count;
    uint32_t waiting; /* the place in the queue, 0 for none */
} Var;

typedef struct {
    int32_t var;
    uint32_t count, room;
    int32_t *numbers;
} Fresh;

typedef struct {
    PyObject_HEAD
    PyObject *objects, *bounded, *actions;
    Var **blocks;
    int64_t variables, blocks_room;
    unsigned char *soft;
    int64_t soft_room;
    int32_t opaque;
    int64_t many, bound, much, many_each; /* see set_bounds */
    int64_t held, steps;
    Fresh *queue;
    uint32_t head, tail, queue_room; /* a ring; places count on for ever, 0 is left out */
    uint64_t *many_ways;             /* the ways of variables that have more than FEW_WAYS: an open hash set */
    uint64_t many_ways_count, many_ways_room;
} Kernel;

static inline Var *
var_at(Kernel *self, int64_t number)
{
    return &self->blocks[number >> BLOCK_BITS][number & (BLOCK - 1)];
}

/* Functions that may fail return -1 or NULL, with an error set. */

/* values.c */
int64_t more_variables(Kernel *self, int64_t count);
int add_all(Kernel *self, int32_t target, const int32_t *numbers, uint32_t count);

/* ways.c */
int link_to(Kernel *self, int32_t source, int32_t target); /* 1: it was there, 0: it is there now */
Watcher *new_watcher(PyObject *action, PyObject *const *data, Py_ssize_t count);
void forget_watcher(Watcher *watcher);
int add_watcher(Var *var, Watcher *watcher);
int tell(Watcher *watcher, PyObject *numbers);
PyObject *as_list(const int32_t *numbers, uint32_t count);
int run_to_the_end(Kernel *self);
void forget_all_ways(Kernel *self);

/* methods.c */
int as_var(Kernel *self, PyObject *given, int32_t *number);
int wants(const char *name, Py_ssize_t given, Py_ssize_t wanted);
extern PyMethodDef kernel_methods[];
extern PyGetSetDef kernel_attributes[];

/* questions.c: METH_O, METH_NOARGS and METH_FASTCALL, as the table in methods.c says */
PyObject *kernel_held(Kernel *self, PyObject *given);
PyObject *kernel_numbers(Kernel *self, PyObject *given);
PyObject *kernel_dump(Kernel *self, PyObject *none);
PyObject *kernel_is_empty(Kernel *self, PyObject *given);
PyObject *kernel_amount(Kernel *self, PyObject *const *given, Py_ssize_t count);
PyObject *kernel_grown_among(Kernel *self, PyObject *const *given, Py_ssize_t count);

#endif
