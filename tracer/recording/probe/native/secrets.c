/* Whether values hold secrets that were not met before, which ../masking.py is then to remember. */

#include "native.h"

static PyObject *names;      /* -> whether they are secret */
static PyObject *remembered; /* secret names -> whether what they name is remembered */
static PyObject *secrets;    /* texts */
static long remember_from;

static int is_remembered(PyObject *text) {
    return PyUnicode_GET_LENGTH(text) < remember_from || PyDict_Contains(secrets, text) == 1;
}

/* Whether there is nothing new to remember in value, which stands under the secret name. Says no where the name
   was not met before. */
int nothing_to_remember(PyObject *name, PyObject *value) {
    PyObject *known = PyDict_GetItemWithError(remembered, name);
    if (known != Py_True)
        return known == Py_False;
    if (PyUnicode_CheckExact(value))
        return is_remembered(value);
    if (!PyList_CheckExact(value) && !PyTuple_CheckExact(value))
        return !PyBytes_CheckExact(value);
    for (Py_ssize_t index = 0; index < PySequence_Fast_GET_SIZE(value); index++) {
        PyObject *item = PySequence_Fast_GET_ITEM(value, index);
        if (PyUnicode_CheckExact(item) && !is_remembered(item))
            return 0;
    }
    return 1;
}

/* Keys under which nothing secret stands, by the hash that a dictionary's keys have: many are made anew with each
   message, and looking one up takes longer than all else here. All 64 bits are the same in two by no chance that
   counts, and by no intent, as they hang on a number that each process draws. */
enum { HARMLESS_KEYS = 1024 };
static Py_hash_t harmless[HARMLESS_KEYS];

static inline int is_secret_key(PyObject *key) {
    Py_hash_t hash = ((PyASCIIObject *)key)->hash;
    Py_hash_t *place = &harmless[(size_t)hash % HARMLESS_KEYS];
    if (*place == hash && hash != 0 && hash != -1)
        return 0;
    if (PyDict_GetItemWithError(names, key) != Py_False)
        return 1;
    *place = hash;
    return 0;
}

enum { LOOKED_AT_MOST = 100, LOOK_INSIDE_UP_TO = 20 }; /* as in ../masking.py */

static int is_filled_container(PyObject *value) {
    return (PyList_CheckExact(value) && PyList_GET_SIZE(value)) ||
           (PyTuple_CheckExact(value) && PyTuple_GET_SIZE(value)) ||
           (PyDict_CheckExact(value) && PyDict_GET_SIZE(value));
}

/* Whether nothing in a container stands under a secret key that would have to be remembered; looks where
   ../masking.py's scan would. Says no where a key was not met before. */
int nothing_secret_in(PyObject *value) {
    PyObject *waiting[4 * LOOKED_AT_MOST]; /* not cleared: that would take longer than most looks */
    waiting[0] = value;
    Py_ssize_t left = LOOKED_AT_MOST;
    for (int next = 0, count = 1; next < count && left > 0; next++) {
        PyObject *container = waiting[next], *key, *item;
        int room = 4 * LOOKED_AT_MOST - count;
        if (PyDict_CheckExact(container)) {
            Py_ssize_t position = 0, size = PyDict_GET_SIZE(container), seen = 0;
            left -= size;
            while (seen++ < LOOKED_AT_MOST && PyDict_Next(container, &position, &key, &item)) {
                if (PyUnicode_CheckExact(key) && is_secret_key(key) && !nothing_to_remember(key, item)) {
                    PyErr_Clear();
                    return 0;
                }
                if (size <= LOOK_INSIDE_UP_TO && room-- > 0 && is_filled_container(item))
                    waiting[count++] = item;
            }
            continue;
        }
        Py_ssize_t size = PySequence_Fast_GET_SIZE(container);
        left -= size;
        for (Py_ssize_t index = 0; left > 0 && index < size && room-- > 0; index++) {
            item = PySequence_Fast_GET_ITEM(container, index);
            if (is_filled_container(item))
                waiting[count++] = item;
        }
    }
    return 1;
}

int secrets_configure(PyObject *capture) {
    PyObject *masker = PyObject_GetAttrString(capture, "masker");
    if (masker == NULL)
        return -1;
    names = PyObject_GetAttrString(masker, "names");
    remembered = PyObject_GetAttrString(masker, "remembered");
    secrets = PyObject_GetAttrString(masker, "secrets"); /* all three stay the same */
    PyObject *from = PyObject_GetAttrString(masker, "remember_from");
    Py_DECREF(masker);
    remember_from = from ? PyLong_AsLong(from) : 0;
    Py_XDECREF(from);
    return names && remembered && secrets && from ? 0 : -1;
}
