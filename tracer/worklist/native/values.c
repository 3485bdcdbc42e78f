/* What variables hold, and the queue of those that hold more than they handed on. */

#include "kernel.h"

int64_t
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

/* Whether so much is held in all variables together that each holds so many at most. */
static int
is_much(const Kernel *self)
{
    int64_t most = self->many_each * self->variables;
    return self->held > (most > self->much ? most : self->much);
}

/* `numbers` may be changed or freed by nothing that happens here, except through `target` itself. */
int
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
    const int32_t *known = numbers_of(&var->values, var->value_count);
    if (var->value_count > 0) {
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
        added = new;
    }
    if ((int64_t)var->value_count + added_count > self->bound && is_much(self)) {
        PyObject *number = PyLong_FromLong(target);
        result = number == NULL ? -1 : PySet_Add(self->bounded, number);
        Py_XDECREF(number);
        if (result < 0 || var->value_count >= self->bound) {
            goto done;
        }
        added_count = (uint32_t)self->bound - var->value_count;
    }
    if (new != NULL && var->value_count > self->many) {
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
    result = -1;
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
