#include "native.h"

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_doc = "The hot half of the recorder, in C.",
    .m_size = -1,
    .m_methods = event_methods,
};

PyMODINIT_FUNC PyInit__native(void) {
    PyObject *module;
    if (PyType_Ready(&TapeType) < 0 || PyType_Ready(&StrandType) < 0 || (module = PyModule_Create(&definition)) == NULL)
        return NULL;
    if (PyModule_AddObjectRef(module, "Tape", (PyObject *)&TapeType) < 0 || events_ready(module) < 0 ||
        PyModule_AddFunctions(module, block_methods) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
