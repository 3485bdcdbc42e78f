/* What Python asks of variables: what they hold, and how much. */

#include "kernel.h"

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

PyObject *
kernel_held(Kernel *self, PyObject *given)
{
    return sorted_numbers(self, given, 1);
}

PyObject *
kernel_numbers(Kernel *self, PyObject *given)
{
    return sorted_numbers(self, given, 0);
}

PyObject *
kernel_dump(Kernel *self, PyObject *Py_UNUSED(none))
{
    size_t total = 0;
    for (int64_t var = 0; var < self->variables; var++) {
        total += var_at(self, var)->value_count;
    }
    PyObject *starts = PyBytes_FromStringAndSize(NULL, (self->variables + 1) * sizeof(uint32_t));
    PyObject *numbers = PyBytes_FromStringAndSize(NULL, total * sizeof(int32_t));
    if (starts == NULL || numbers == NULL) {
        Py_XDECREF(starts);
        Py_XDECREF(numbers);
        return NULL;
    }
    uint32_t *start = (uint32_t *)PyBytes_AS_STRING(starts);
    int32_t *number = (int32_t *)PyBytes_AS_STRING(numbers);
    uint32_t done = 0;
    for (int64_t var = 0; var < self->variables; var++) {
        Var *each = var_at(self, var);
        uint32_t count = each->value_count;
        start[var] = done;
        memcpy(number + done, numbers_of(&each->values, count), count * sizeof(int32_t));
        if (count <= FEW) {
            sort_numbers(number + done, count);
        }
        done += count;
    }
    start[self->variables] = done;
    PyObject *pair = PyTuple_Pack(2, starts, numbers);
    Py_DECREF(starts);
    Py_DECREF(numbers);
    return pair;
}

PyObject *
kernel_is_empty(Kernel *self, PyObject *given)
{
    int32_t number;
    return as_var(self, given, &number) < 0 ? NULL : PyBool_FromLong(var_at(self, number)->value_count == 0);
}

PyObject *
kernel_amount(Kernel *self, PyObject *const *given, Py_ssize_t count)
{
    long long amount = 0;
    int32_t number;
    for (Py_ssize_t at = 0; at < count; at++) {
        if (as_var(self, given[at], &number) < 0) {
            return NULL;
        }
        amount += var_at(self, number)->value_count;
    }
    return PyLong_FromLongLong(amount);
}

static int
amount_of_group(Kernel *self, PyObject *group, long long *amount)
{
    if (!PyTuple_Check(group)) {
        PyErr_SetString(PyExc_TypeError, "a group of variables is no tuple");
        return -1;
    }
    *amount = 0;
    for (Py_ssize_t at = 0; at < PyTuple_GET_SIZE(group); at++) {
        int32_t number;
        if (as_var(self, PyTuple_GET_ITEM(group, at), &number) < 0) {
            return -1;
        }
        *amount += var_at(self, number)->value_count;
    }
    return 0;
}

/* 1: the amount at `place` is another now or the first, 0: it is the same, -1: an error is set */
static int
keep_amount(PyObject *amounts, Py_ssize_t place, long long amount)
{
    int is_new = place >= PyList_GET_SIZE(amounts);
    if (!is_new) {
        long long before = PyLong_AsLongLong(PyList_GET_ITEM(amounts, place));
        if (before == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (before == amount) {
            return 0;
        }
    }
    PyObject *now = PyLong_FromLongLong(amount);
    if (now == NULL) {
        return -1;
    }
    if (!is_new) {
        return PyList_SetItem(amounts, place, now) < 0 ? -1 : 1; /* takes the reference */
    }
    int result = PyList_Append(amounts, now);
    Py_DECREF(now);
    return result < 0 ? -1 : 1;
}

PyObject *
kernel_grown_among(Kernel *self, PyObject *const *given, Py_ssize_t count)
{
    if (wants("grown_among", count, 2) < 0) {
        return NULL;
    }
    if (!PyList_Check(given[0]) || !PyList_Check(given[1])) {
        PyErr_SetString(PyExc_TypeError, "groups and amounts are lists");
        return NULL;
    }
    PyObject *found = PyList_New(0);
    if (found == NULL) {
        return NULL;
    }
    for (Py_ssize_t place = 0; place < PyList_GET_SIZE(given[0]); place++) {
        long long amount;
        if (amount_of_group(self, PyList_GET_ITEM(given[0], place), &amount) < 0) {
            goto failed;
        }
        int is_other = keep_amount(given[1], place, amount);
        if (is_other < 0) {
            goto failed;
        }
        if (is_other) {
            PyObject *number = PyLong_FromSsize_t(place);
            if (number == NULL || PyList_Append(found, number) < 0) {
                Py_XDECREF(number);
                goto failed;
            }
            Py_DECREF(number);
        }
    }
    return found;
failed:
    Py_DECREF(found);
    return NULL;
}
