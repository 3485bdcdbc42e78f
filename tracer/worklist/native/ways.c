/* Where what variables hold goes, who watches it, and the run that tells them. */

#include "kernel.h"

#define FEW_WAYS 16 /* so many ways of a variable are looked through, more are found by a hash */
#define SIGNALS_EVERY 4096 /* steps */

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
int
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

Watcher *
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

void
forget_watcher(Watcher *watcher)
{
    Py_DECREF(watcher->action);
    for (Py_ssize_t at = 0; at < watcher->count; at++) {
        Py_DECREF(watcher->data[at]);
    }
    PyMem_Free(watcher);
}

int
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

int
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

PyObject *
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

/* The run */

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

int
run_to_the_end(Kernel *self)
{
    while (self->head != self->tail) {
        Fresh fresh = self->queue[self->head & (self->queue_room - 1)];
        self->head++;
        var_at(self, fresh.var)->waiting = 0;
        self->steps++;
        int result = take_step(self, &fresh);
        PyMem_Free(fresh.numbers);
        if (result < 0 || (self->steps % SIGNALS_EVERY == 0 && PyErr_CheckSignals() < 0)) {
            return -1;
        }
    }
    return 0;
}

void
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
