/* The work list in C: the twin of tracer/worklist/kernel.py, whose docstrings say what each method does.
 *
 * Both do the same in the same order, to the byte of the graph that comes out: what one of them changes, the other
 * changes. Here a variable takes 40 bytes and four more for each value and each way. Up to FEW values stand in the
 * order in which they came, more of them by number.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FEW 6
#define BLOCK_BITS 12
#define BLOCK (1 << BLOCK_BITS)
#define FEW_WAYS 16
#define SIGNALS_EVERY 4096

typedef struct {
    PyObject *action;
    Py_ssize_t count;
    PyObject *data[];
} Watcher;

typedef struct {
    Py_ssize_t count, room;
    Watcher *each[];
} Watchers;

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

/* Growing rows of numbers: two in the place of the pointer, then 4, 8, 16, ... outside */

static inline int32_t *
numbers_of(int32_t **place, uint32_t count)
{
    return count <= 2 ? (int32_t *)place : *place;
}

static int
make_room(int32_t **place, uint32_t count, uint32_t wanted)
{
    if (wanted <= 2) {
        return 0;
    }
    size_t room = 4;
    while (room < count) {
        room *= 2;
    }
    if (count > 2 && wanted <= room) {
        return 0;
    }
    size_t more = room;
    while (more < wanted) {
        more *= 2;
    }
    int32_t *grown;
    if (count <= 2) {
        grown = PyMem_Malloc(more * sizeof(int32_t));
        if (grown != NULL) {
            memcpy(grown, place, count * sizeof(int32_t));
        }
    }
    else {
        grown = PyMem_Realloc(*place, more * sizeof(int32_t));
    }
    if (grown == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *place = grown;
    return 0;
}

static void
forget_numbers(int32_t **place, uint32_t *count)
{
    if (*count > 2) {
        PyMem_Free(*place);
    }
    *place = NULL;
    *count = 0;
}

static int
by_number(const void *left, const void *right)
{
    int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

static void
sort_numbers(int32_t *numbers, uint32_t count)
{
    if (count > 64) {
        qsort(numbers, count, sizeof(int32_t), by_number);
        return;
    }
    for (uint32_t at = 1; at < count; at++) {
        int32_t number = numbers[at];
        uint32_t to = at;
        for (; to > 0 && numbers[to - 1] > number; to--) {
            numbers[to] = numbers[to - 1];
        }
        numbers[to] = number;
    }
}

static inline uint32_t
place_of(const int32_t *numbers, uint32_t count, int32_t number)
{
    uint32_t low = 0;
    while (count > 0) {
        uint32_t half = count / 2;
        if (numbers[low + half] < number) {
            low += half + 1;
            count -= half + 1;
        }
        else {
            count = half;
        }
    }
    return low;
}

static inline int
is_among(const int32_t *numbers, uint32_t count, int32_t number)
{
    if (count <= FEW) {
        for (uint32_t at = 0; at < count; at++) {
            if (numbers[at] == number) {
                return 1;
            }
        }
        return 0;
    }
    uint32_t place = place_of(numbers, count, number);
    return place < count && numbers[place] == number;
}

/* The queue */

static Fresh *
queue_up(Kernel *self, int32_t var)
{
    if (self->tail - self->head >= self->queue_room) {
        uint32_t room = self->queue_room ? self->queue_room * 2 : 1024;
        Fresh *grown = PyMem_Malloc(room * sizeof(Fresh));
        if (grown == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        for (uint32_t at = self->head; at != self->tail; at++) {
            grown[at & (room - 1)] = self->queue[at & (self->queue_room - 1)];
        }
        PyMem_Free(self->queue);
        self->queue = grown;
        self->queue_room = room;
    }
    Fresh *fresh = &self->queue[self->tail & (self->queue_room - 1)];
    *fresh = (Fresh){.var = var};
    var_at(self, var)->waiting = self->tail++;
    if (self->tail == 0) {
        PyErr_SetString(PyExc_OverflowError, "too much is followed");
        return NULL;
    }
    return fresh;
}

static int
add_fresh(Fresh *fresh, const int32_t *numbers, uint32_t count)
{
    uint32_t wanted = fresh->count + count;
    if (wanted > fresh->room) {
        uint32_t room = fresh->room ? fresh->room : 4;
        while (room < wanted) {
            room *= 2;
        }
        int32_t *grown = PyMem_Realloc(fresh->numbers, room * sizeof(int32_t));
        if (grown == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        fresh->numbers = grown;
        fresh->room = room;
    }
    memcpy(fresh->numbers + fresh->count, numbers, count * sizeof(int32_t));
    fresh->count = wanted;
    return 0;
}

/* Values */

static int
hold(Var *var, const int32_t *new, uint32_t count)
{
    uint32_t before = var->value_count, after = before + count;
    if (make_room(&var->values, before, after) < 0) {
        return -1;
    }
    int32_t *values = numbers_of(&var->values, after);
    if (after <= FEW || before <= FEW) {
        memcpy(values + before, new, count * sizeof(int32_t));
        if (after > FEW) {
            sort_numbers(values, after);
        }
    }
    else if (count == 1) {
        uint32_t place = place_of(values, before, new[0]);
        memmove(values + place + 1, values + place, (before - place) * sizeof(int32_t));
        values[place] = new[0];
    }
    else {
        int32_t few[64], *sorted = count <= 64 ? few : PyMem_Malloc(count * sizeof(int32_t));
        if (sorted == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        memcpy(sorted, new, count * sizeof(int32_t));
        sort_numbers(sorted, count);
        uint32_t from = before, to = after, left = count;
        while (left > 0) {
            if (from > 0 && values[from - 1] > sorted[left - 1]) {
                values[--to] = values[--from];
            }
            else {
                values[--to] = sorted[--left];
            }
        }
        if (sorted != few) {
            PyMem_Free(sorted);
        }
    }
    var->value_count = after;
    return 0;
}

/* `numbers` may be changed or freed by nothing that happens here, except through `target` itself. */
static int
add_all(Kernel *self, int32_t target, const int32_t *numbers, uint32_t count)
{
    if (target == 0 || count == 0) {
        return 0;
    }
    Var *var = var_at(self, target);
    int32_t few[64], *new = NULL;
    int result = -1;
    const int32_t *added = numbers;
    uint32_t added_count = count;
    if (var->value_count > 0) {
        const int32_t *known = numbers_of(&var->values, var->value_count);
        new = count < 64 ? few : PyMem_Malloc((count + 1) * sizeof(int32_t));
        if (new == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        added_count = 0;
        for (uint32_t at = 0; at < count; at++) {
            if (!is_among(known, var->value_count, numbers[at])) {
                new[added_count++] = numbers[at];
            }
        }
        result = 0;
        if (added_count == 0) {
            goto done;
        }
        int64_t most = self->many_each * self->variables;
        if (var->value_count >= self->bound && self->held > (most > self->much ? most : self->much)) {
            PyObject *number = PyLong_FromLong(target);
            result = number == NULL ? -1 : PySet_Add(self->bounded, number);
            Py_XDECREF(number);
            goto done;
        }
        if (var->value_count > self->many) {
            uint32_t hard = 0;
            int told = is_among(known, var->value_count, self->opaque);
            for (uint32_t at = 0; at < added_count; at++) {
                if (!self->soft[new[at]]) {
                    told |= new[at] == self->opaque;
                    new[hard++] = new[at];
                }
            }
            if (hard < added_count && !told) {
                new[hard++] = self->opaque;
            }
            added_count = hard;
            if (added_count == 0) {
                goto done;
            }
        }
        added = new;
        result = -1;
    }
    if (hold(var, added, added_count) < 0) {
        goto done;
    }
    self->held += added_count;
    if (var->waiting) {
        result = add_fresh(&self->queue[var->waiting & (self->queue_room - 1)], added, added_count);
    }
    else if (var->way_count == 0 && var->watchers == 0) {
        self->steps++;
        result = 0;
    }
    else {
        Fresh *fresh = queue_up(self, target);
        result = fresh == NULL ? -1 : add_fresh(fresh, added, added_count);
    }
done:
    if (new != NULL && new != few) {
        PyMem_Free(new);
    }
    return result;
}

/* Ways */

static inline uint64_t
way_key(int32_t source, int32_t target)
{
    return ((uint64_t)(uint32_t)source << 32) | (uint32_t)target;
}

static inline uint64_t
scattered(uint64_t key)
{
    key *= UINT64_C(0x9E3779B97F4A7C15);
    return key ^ (key >> 29);
}

/* 1: it was there, 0: it is there now, -1: an error is set */
static int
add_way(Kernel *self, uint64_t key)
{
    if (self->many_ways_count * 2 >= self->many_ways_room) {
        uint64_t room = self->many_ways_room ? self->many_ways_room * 2 : 4096;
        uint64_t *grown = PyMem_Calloc(room, sizeof(uint64_t));
        if (grown == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        for (uint64_t at = 0; at < self->many_ways_room; at++) {
            uint64_t kept = self->many_ways[at];
            if (kept) {
                uint64_t place = scattered(kept) & (room - 1);
                while (grown[place]) {
                    place = (place + 1) & (room - 1);
                }
                grown[place] = kept;
            }
        }
        PyMem_Free(self->many_ways);
        self->many_ways = grown;
        self->many_ways_room = room;
    }
    uint64_t place = scattered(key) & (self->many_ways_room - 1);
    while (self->many_ways[place]) {
        if (self->many_ways[place] == key) {
            return 1;
        }
        place = (place + 1) & (self->many_ways_room - 1);
    }
    self->many_ways[place] = key;
    self->many_ways_count++;
    return 0;
}

/* 1: it was there, 0: it is there now, -1: an error is set */
static int
link_to(Kernel *self, int32_t source, int32_t target)
{
    Var *var = var_at(self, source);
    int32_t *ways = numbers_of(&var->ways, var->way_count);
    if (var->way_count <= FEW_WAYS) {
        for (uint32_t at = 0; at < var->way_count; at++) {
            if (ways[at] == target) {
                return 1;
            }
        }
        if (var->way_count == FEW_WAYS) {
            for (uint32_t at = 0; at < var->way_count; at++) {
                if (add_way(self, way_key(source, ways[at])) < 0) {
                    return -1;
                }
            }
        }
    }
    if (var->way_count >= FEW_WAYS) {
        int known = add_way(self, way_key(source, target));
        if (known) {
            return known;
        }
    }
    if (make_room(&var->ways, var->way_count, var->way_count + 1) < 0) {
        return -1;
    }
    var->way_count++;
    numbers_of(&var->ways, var->way_count)[var->way_count - 1] = target;
    return 0;
}

/* Watchers */

static Watcher *
new_watcher(PyObject *action, PyObject *const *data, Py_ssize_t count)
{
    Watcher *made = PyMem_Malloc(sizeof(Watcher) + count * sizeof(PyObject *));
    if (made == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    made->action = Py_NewRef(action);
    made->count = count;
    for (Py_ssize_t at = 0; at < count; at++) {
        made->data[at] = Py_NewRef(data[at]);
    }
    return made;
}

static void
forget_watcher(Watcher *watcher)
{
    Py_DECREF(watcher->action);
    for (Py_ssize_t at = 0; at < watcher->count; at++) {
        Py_DECREF(watcher->data[at]);
    }
    PyMem_Free(watcher);
}

static int
add_watcher(Var *var, Watcher *watcher)
{
    if (var->watchers == 0) {
        var->watchers = (uintptr_t)watcher;
        return 0;
    }
    Watchers *all = var->watchers & 1 ? (Watchers *)(var->watchers & ~(uintptr_t)1) : NULL;
    if (all == NULL || all->count == all->room) {
        Py_ssize_t room = all == NULL ? 2 : all->room * 2;
        Watchers *grown = PyMem_Realloc(all, sizeof(Watchers) + room * sizeof(Watcher *));
        if (grown == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        if (all == NULL) {
            grown->each[0] = (Watcher *)var->watchers;
            grown->count = 1;
        }
        grown->room = room;
        all = grown;
        var->watchers = (uintptr_t)all | 1;
    }
    all->each[all->count++] = watcher;
    return 0;
}

static void
forget_watchers(Var *var)
{
    uintptr_t watchers = var->watchers;
    var->watchers = 0;
    if (watchers & 1) {
        Watchers *all = (Watchers *)(watchers & ~(uintptr_t)1);
        for (Py_ssize_t at = 0; at < all->count; at++) {
            forget_watcher(all->each[at]);
        }
        PyMem_Free(all);
    }
    else if (watchers) {
        forget_watcher((Watcher *)watchers);
    }
}

#define MOST_DATA 12

static int
tell(Watcher *watcher, PyObject *numbers)
{
    PyObject *given[MOST_DATA + 2];
    given[1] = numbers;
    memcpy(given + 2, watcher->data, watcher->count * sizeof(PyObject *));
    PyObject *result = PyObject_Vectorcall(
        watcher->action, given + 1, (watcher->count + 1) | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

static PyObject *
as_list(const int32_t *numbers, uint32_t count)
{
    PyObject *list = PyList_New(count);
    if (list == NULL) {
        return NULL;
    }
    for (uint32_t at = 0; at < count; at++) {
        PyObject *number = PyLong_FromLong(numbers[at]);
        if (number == NULL) {
            Py_DECREF(list);
            return NULL;
        }
        PyList_SET_ITEM(list, at, number);
    }
    return list;
}

/* What Python sees */

static int
as_var(Kernel *self, PyObject *given, int32_t *number)
{
    long long value = PyLong_AsLongLong(given);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (value < 0 || value >= self->variables) {
        PyErr_Format(PyExc_IndexError, "there is no variable %lld", value);
        return -1;
    }
    *number = (int32_t)value;
    return 0;
}

static int
as_object(Kernel *self, PyObject *given, int32_t *number)
{
    long long value = PyLong_AsLongLong(given);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (value < 0 || value >= PyList_GET_SIZE(self->objects)) {
        PyErr_Format(PyExc_IndexError, "there is no object %lld", value);
        return -1;
    }
    *number = (int32_t)value;
    return 0;
}

static int
wants(const char *name, Py_ssize_t given, Py_ssize_t wanted)
{
    if (given != wanted) {
        PyErr_Format(PyExc_TypeError, "%s takes %zd arguments, %zd were given", name, wanted, given);
        return -1;
    }
    return 0;
}

static int64_t
more_variables(Kernel *self, int64_t count)
{
    int64_t first = self->variables, behind = first + count;
    if (count < 0 || behind > INT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "too many variables");
        return -1;
    }
    int64_t had = (first + BLOCK - 1) >> BLOCK_BITS, wanted = (behind + BLOCK - 1) >> BLOCK_BITS;
    if (wanted > self->blocks_room) {
        int64_t room = self->blocks_room ? self->blocks_room : 16;
        while (room < wanted) {
            room *= 2;
        }
        Var **grown = PyMem_Realloc(self->blocks, room * sizeof(Var *));
        if (grown == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        self->blocks = grown;
        self->blocks_room = room;
    }
    for (int64_t block = had; block < wanted; block++) {
        self->blocks[block] = PyMem_Calloc(BLOCK, sizeof(Var));
        if (self->blocks[block] == NULL) {
            self->variables = block << BLOCK_BITS; /* what there is of blocks is known and freed */
            PyErr_NoMemory();
            return -1;
        }
    }
    self->variables = behind;
    return first;
}

static PyObject *
kernel_new_var(Kernel *self, PyObject *Py_UNUSED(none))
{
    int64_t first = more_variables(self, 1);
    return first < 0 ? NULL : PyLong_FromLongLong(first);
}

static PyObject *
kernel_new_vars(Kernel *self, PyObject *given)
{
    long long count = PyLong_AsLongLong(given);
    if (count == -1 && PyErr_Occurred()) {
        return NULL;
    }
    int64_t first = more_variables(self, count);
    return first < 0 ? NULL : PyLong_FromLongLong(first);
}

static PyObject *
kernel_enlist(Kernel *self, PyObject *const *given, Py_ssize_t count)
{
    if (wants("enlist", count, 2) < 0) {
        return NULL;
    }
    int is_soft = PyObject_IsTrue(given[1]);
    Py_ssize_t number = PyList_GET_SIZE(self->objects);
    if (is_soft < 0) {
        return NULL;
    }
    if (number >= INT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "too many objects");
        return NULL;
    }
    if (number >= self->soft_room) {
        int64_t room = self->soft_room ? self->soft_room * 2 : 4096;
        unsigned char *grown = PyMem_Realloc(self->soft, room);
        if (grown == NULL) {
            return PyErr_NoMemory();
        }
        self->soft = grown;
        self->soft_room = room;
    }
    self->soft[number] = (unsigned char)is_soft;
    if (PyList_Append(self->objects, given[0]) < 0) {
        return NULL;
    }
    return PyLong_FromSsize_t(number);
}

static PyObject *
kernel_is_soft(Kernel *self, PyObject *given)
{
    int32_t number;
    return as_object(self, given, &number) < 0 ? NULL : PyBool_FromLong(self->soft[number]);
}

static PyObject *
kernel_harden(Kernel *self, PyObject *given)
{
    int32_t number;
    if (as_object(self, given, &number) < 0) {
        return NULL;
    }
    self->soft[number] = 0;
    Py_RETURN_NONE;
}

static PyObject *
kernel_set_bounds(Kernel *self, PyObject *const *given, Py_ssize_t count)
{
    int32_t opaque, bounds[4];
    if (wants("set_bounds", count, 5) < 0 || as_object(self, given[0], &opaque) < 0) {
        return NULL;
    }
    for (int at = 0; at < 4; at++) {
        long value = PyLong_AsLong(given[at + 1]);
        if (value == -1 && PyErr_Occurred()) {
            return NULL;
        }
        if (value < 0 || value > INT32_MAX) {
            PyErr_SetString(PyExc_ValueError, "a bound is negative or too large");
            return NULL;
        }
        bounds[at] = (int32_t)value;
    }
    self->opaque = opaque;
    self->many = bounds[0];
    self->bound = bounds[1];
    self->much = bounds[2];
    self->many_each = bounds[3];
    Py_RETURN_NONE;
}

static PyObject *
kernel_add(Kernel *self, PyObject *const *given, Py_ssize_t count)
{
    int32_t var, number;
    if (wants("add", count, 2) < 0 || as_var(self, given[0], &var) < 0 || as_object(self, given[1], &number) < 0) {
        return NULL;
    }
    if (add_all(self, var, &number, 1) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
kernel_edge(Kernel *self, PyObject *const *given, Py_ssize_t count)
{
    int32_t source, target;
    if (wants("edge", count, 2) < 0 || as_var(self, given[0], &source) < 0 || as_var(self, given[1], &target) < 0) {
        return NULL;
    }
    if (source == target || source == 0 || target == 0) {
        Py_RETURN_NONE;
    }
    int known = link_to(self, source, target);
    if (known < 0) {
        return NULL;
    }
    Var *var = var_at(self, source);
    if (!known && add_all(self, target, numbers_of(&var->values, var->value_count), var->value_count) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
kernel_watch(Kernel *self, PyObject *const *given, Py_ssize_t count)
{
    int32_t number;
    if (count < 2 || count > MOST_DATA + 2) {
        PyErr_Format(PyExc_TypeError, "watch takes 2 to %d arguments", MOST_DATA + 2);
        return NULL;
    }
    if (as_var(self, given[0], &number) < 0) {
        return NULL;
    }
    if (number == 0) {
        Py_RETURN_NONE;
    }
    PyObject *action = PyDict_SetDefault(self->actions, given[1], given[1]);
    if (action == NULL) {
        return NULL;
    }
    Watcher *watcher = new_watcher(action, given + 2, count - 2);
    if (watcher == NULL) {
        return NULL;
    }
    Var *var = var_at(self, number);
    if (add_watcher(var, watcher) < 0) {
        forget_watcher(watcher);
        return NULL;
    }
    if (var->value_count == 0) {
        Py_RETURN_NONE;
    }
    const int32_t *known = numbers_of(&var->values, var->value_count);
    PyObject *seen;
    if (var->waiting) {
        Fresh *fresh = &self->queue[var->waiting & (self->queue_room - 1)];
        int32_t *left = PyMem_Malloc(var->value_count * sizeof(int32_t));
        if (left == NULL) {
            return PyErr_NoMemory();
        }
        uint32_t left_count = 0;
        for (uint32_t at = 0; at < var->value_count; at++) {
            uint32_t among = 0;
            while (among < fresh->count && fresh->numbers[among] != known[at]) {
                among++;
            }
            if (among == fresh->count) {
                left[left_count++] = known[at];
            }
        }
        seen = as_list(left, left_count);
        PyMem_Free(left);
    }
    else {
        seen = as_list(known, var->value_count);
    }
    if (seen == NULL) {
        return NULL;
    }
    int told = PyList_GET_SIZE(seen) ? tell(watcher, seen) : 0;
    Py_DECREF(seen);
    if (told < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
sorted_numbers(Kernel *self, PyObject *given, int as_objects)
{
    int32_t number, few[FEW];
    if (as_var(self, given, &number) < 0) {
        return NULL;
    }
    Var *var = var_at(self, number);
    const int32_t *known = numbers_of(&var->values, var->value_count);
    if (var->value_count <= FEW) {
        memcpy(few, known, var->value_count * sizeof(int32_t));
        sort_numbers(few, var->value_count);
        known = few;
    }
    if (!as_objects) {
        return as_list(known, var->value_count);
    }
    PyObject *list = PyList_New(var->value_count);
    if (list != NULL) {
        for (uint32_t at = 0; at < var->value_count; at++) {
            PyList_SET_ITEM(list, at, Py_NewRef(PyList_GET_ITEM(self->objects, known[at])));
        }
    }
    return list;
}

static PyObject *
kernel_held(Kernel *self, PyObject *given)
{
    return sorted_numbers(self, given, 1);
}

static PyObject *
kernel_numbers(Kernel *self, PyObject *given)
{
    return sorted_numbers(self, given, 0);
}

static PyObject *
kernel_is_empty(Kernel *self, PyObject *given)
{
    int32_t number;
    return as_var(self, given, &number) < 0 ? NULL : PyBool_FromLong(var_at(self, number)->value_count == 0);
}

static int
take_step(Kernel *self, Fresh *fresh)
{
    for (uint32_t at = 0; at < var_at(self, fresh->var)->way_count; at++) {
        Var *var = var_at(self, fresh->var);
        int32_t target = numbers_of(&var->ways, var->way_count)[at];
        if (add_all(self, target, fresh->numbers, fresh->count) < 0) {
            return -1;
        }
    }
    uintptr_t watchers = var_at(self, fresh->var)->watchers;
    if (watchers == 0) {
        return 0;
    }
    PyObject *numbers = as_list(fresh->numbers, fresh->count);
    if (numbers == NULL) {
        return -1;
    }
    int result = 0;
    if (watchers & 1) {
        Py_ssize_t count = ((Watchers *)(watchers & ~(uintptr_t)1))->count;
        for (Py_ssize_t at = 0; at < count && result == 0; at++) {
            watchers = var_at(self, fresh->var)->watchers; /* it may have been moved when one was added */
            result = tell(((Watchers *)(watchers & ~(uintptr_t)1))->each[at], numbers);
        }
    }
    else {
        result = tell((Watcher *)watchers, numbers);
    }
    Py_DECREF(numbers);
    return result;
}

static PyObject *
kernel_run(Kernel *self, PyObject *Py_UNUSED(none))
{
    while (self->head != self->tail) {
        Fresh fresh = self->queue[self->head & (self->queue_room - 1)];
        self->head++;
        var_at(self, fresh.var)->waiting = 0;
        self->steps++;
        int result = take_step(self, &fresh);
        PyMem_Free(fresh.numbers);
        if (result < 0 || (self->steps % SIGNALS_EVERY == 0 && PyErr_CheckSignals() < 0)) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

static void
forget_all_ways(Kernel *self)
{
    for (int64_t number = 0; number < self->variables; number++) {
        Var *var = var_at(self, number);
        forget_numbers(&var->ways, &var->way_count);
        forget_watchers(var);
    }
    PyMem_Free(self->many_ways);
    self->many_ways = NULL;
    self->many_ways_count = self->many_ways_room = 0;
    if (self->actions != NULL) {
        PyDict_Clear(self->actions);
    }
}

static PyObject *
kernel_forget_ways(Kernel *self, PyObject *Py_UNUSED(none))
{
    forget_all_ways(self);
    Py_RETURN_NONE;
}

static PyObject *
kernel_variables(Kernel *self, void *Py_UNUSED(none))
{
    return PyLong_FromLongLong(self->variables);
}

static PyObject *
kernel_steps(Kernel *self, void *Py_UNUSED(none))
{
    return PyLong_FromLongLong(self->steps);
}

static PyObject *
kernel_objects(Kernel *self, void *Py_UNUSED(none))
{
    return Py_NewRef(self->objects);
}

static PyObject *
kernel_bounded(Kernel *self, void *Py_UNUSED(none))
{
    return Py_NewRef(self->bounded);
}

/* Its life */

static int
kernel_traverse(Kernel *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->objects);
    Py_VISIT(self->bounded);
    Py_VISIT(self->actions);
    for (int64_t number = 0; number < self->variables; number++) {
        uintptr_t watchers = var_at(self, number)->watchers;
        if (watchers == 0) {
            continue;
        }
        Watchers *all = watchers & 1 ? (Watchers *)(watchers & ~(uintptr_t)1) : NULL;
        Py_ssize_t count = all == NULL ? 1 : all->count;
        for (Py_ssize_t at = 0; at < count; at++) {
            Watcher *watcher = all == NULL ? (Watcher *)watchers : all->each[at];
            Py_VISIT(watcher->action);
            for (Py_ssize_t given = 0; given < watcher->count; given++) {
                Py_VISIT(watcher->data[given]);
            }
        }
    }
    return 0;
}

static int
kernel_clear(Kernel *self)
{
    forget_all_ways(self);
    Py_CLEAR(self->objects);
    Py_CLEAR(self->bounded);
    Py_CLEAR(self->actions);
    return 0;
}

static void
kernel_dealloc(Kernel *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    kernel_clear(self);
    while (self->head != self->tail) {
        PyMem_Free(self->queue[self->head++ & (self->queue_room - 1)].numbers);
    }
    PyMem_Free(self->queue);
    for (int64_t number = 0; number < self->variables; number++) {
        Var *var = var_at(self, number);
        forget_numbers(&var->values, &var->value_count);
    }
    for (int64_t block = 0; block < (self->variables + BLOCK - 1) >> BLOCK_BITS; block++) {
        PyMem_Free(self->blocks[block]);
    }
    PyMem_Free(self->blocks);
    PyMem_Free(self->soft);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static PyObject *
kernel_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(named))
{
    Kernel *self = (Kernel *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->head = self->tail = 1;
    self->many = self->bound = self->much = INT64_MAX;
    self->objects = PyList_New(0);
    self->bounded = PySet_New(NULL);
    self->actions = PyDict_New();
    if (!self->objects || !self->bounded || !self->actions || more_variables(self, 1) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

#define FAST(function) ((PyCFunction)(void (*)(void))(function))

static PyMethodDef kernel_methods[] = {
    {"new_var", (PyCFunction)kernel_new_var, METH_NOARGS, NULL},
    {"new_vars", (PyCFunction)kernel_new_vars, METH_O, NULL},
    {"enlist", FAST(kernel_enlist), METH_FASTCALL, NULL},
    {"is_soft", (PyCFunction)kernel_is_soft, METH_O, NULL},
    {"harden", (PyCFunction)kernel_harden, METH_O, NULL},
    {"set_bounds", FAST(kernel_set_bounds), METH_FASTCALL, NULL},
    {"add", FAST(kernel_add), METH_FASTCALL, NULL},
    {"edge", FAST(kernel_edge), METH_FASTCALL, NULL},
    {"watch", FAST(kernel_watch), METH_FASTCALL, NULL},
    {"held", (PyCFunction)kernel_held, METH_O, NULL},
    {"numbers", (PyCFunction)kernel_numbers, METH_O, NULL},
    {"is_empty", (PyCFunction)kernel_is_empty, METH_O, NULL},
    {"run", (PyCFunction)kernel_run, METH_NOARGS, NULL},
    {"forget_ways", (PyCFunction)kernel_forget_ways, METH_NOARGS, NULL},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef kernel_attributes[] = {
    {"variables", (getter)kernel_variables, NULL, NULL, NULL},
    {"steps", (getter)kernel_steps, NULL, NULL, NULL},
    {"objects", (getter)kernel_objects, NULL, NULL, NULL},
    {"bounded", (getter)kernel_bounded, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot kernel_slots[] = {
    {Py_tp_new, kernel_new},
    {Py_tp_dealloc, kernel_dealloc},
    {Py_tp_traverse, kernel_traverse},
    {Py_tp_clear, kernel_clear},
    {Py_tp_methods, kernel_methods},
    {Py_tp_getset, kernel_attributes},
    {0, NULL},
};

static PyType_Spec kernel_spec = {
    .name = "_kernel.Kernel",
    .basicsize = sizeof(Kernel),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = kernel_slots,
};

static int
module_exec(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &kernel_spec, NULL);
    if (type == NULL) {
        return -1;
    }
    int result = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return result;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_kernel",
    .m_slots = module_slots,
};

PyMODINIT_FUNC
PyInit__kernel(void)
{
    return PyModuleDef_Init(&module_definition);
}
