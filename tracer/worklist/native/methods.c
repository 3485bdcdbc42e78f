/* What Python calls to have something done; what it asks is in questions.c. */

#include "kernel.h"

int
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

int
wants(const char *name, Py_ssize_t given, Py_ssize_t wanted)
{
    if (given != wanted) {
        PyErr_Format(PyExc_TypeError, "%s takes %zd arguments, %zd were given", name, wanted, given);
        return -1;
    }
    return 0;
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
kernel_run(Kernel *self, PyObject *Py_UNUSED(none))
{
    if (run_to_the_end(self) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
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

#define FAST(function) ((PyCFunction)(void (*)(void))(function))

PyMethodDef kernel_methods[] = {
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
    {"dump", (PyCFunction)kernel_dump, METH_NOARGS, NULL},
    {"is_empty", (PyCFunction)kernel_is_empty, METH_O, NULL},
    {"amount", FAST(kernel_amount), METH_FASTCALL, NULL},
    {"grown_among", FAST(kernel_grown_among), METH_FASTCALL, NULL},
    {"run", (PyCFunction)kernel_run, METH_NOARGS, NULL},
    {"forget_ways", (PyCFunction)kernel_forget_ways, METH_NOARGS, NULL},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, NULL},
    {NULL, NULL, 0, NULL},
};

PyGetSetDef kernel_attributes[] = {
    {"variables", (getter)kernel_variables, NULL, NULL, NULL},
    {"steps", (getter)kernel_steps, NULL, NULL, NULL},
    {"objects", (getter)kernel_objects, NULL, NULL, NULL},
    {"bounded", (getter)kernel_bounded, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
