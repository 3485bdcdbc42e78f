/* The type and its life. */

#include "kernel.h"

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
