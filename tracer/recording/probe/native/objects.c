/* Objects of the program's classes: their type, and who they are where they keep that as plain data.

   An object's attributes are read where the interpreter keeps them, so that neither code of the program runs
   nor a dictionary is made that was not there. */

#include "native.h"
#include "internal/pycore_dict.h"
#include "internal/pycore_object.h"

enum { IDS_AT_MOST = 16, LAYOUT_AT_MOST = 16, LAYOUTS_LEARNT = 32 };

typedef struct {
    PyTypeObject *type;
    PyObject *bare; /* how one is shown that does not say who it is */
    char looks_inside;
    char masked;
    uint64_t tape; /* the one in which the type has the number */
    uint64_t number;
    PyDictKeysObject *keys; /* those that instances share, as last seen, */
    Py_ssize_t key_count;
    char has_places;
    PyObject *layout[LAYOUT_AT_MOST]; /* the keys that an instance's own dictionary had, as last seen, */
    Py_ssize_t layout_count;
    int learnt; /* how often */
    int8_t places[IDS_AT_MOST]; /* and where among them the ids are; -1 for nowhere */
} Kind;

static Kind **kinds;
static size_t kind_count, kind_room;
static long kinds_at_most;
static PyObject *kind_of_type; /* (type) -> (bare, looks_inside) */
static PyObject *id_names;

static uint64_t id_name_bits;

static uint64_t name_bit(PyObject *name) { return (uint64_t)1 << ((uintptr_t)name >> 4 & 63); }

int objects_configure(PyObject *capture) {
    kind_of_type = PyObject_GetAttrString(capture, "kind");
    id_names = PyObject_GetAttrString(capture, "id_names");
    PyObject *at_most = PyObject_GetAttrString(capture, "kinds_at_most");
    kinds_at_most = at_most ? PyLong_AsLong(at_most) : 0;
    Py_XDECREF(at_most);
    for (Py_ssize_t name = 0; id_names && name < PyTuple_GET_SIZE(id_names); name++)
        id_name_bits |= name_bit(PyTuple_GET_ITEM(id_names, name));
    return kind_of_type && id_names && at_most && PyTuple_GET_SIZE(id_names) <= IDS_AT_MOST ? 0 : -1;
}

static size_t kind_slot(PyTypeObject *type) {
    size_t slot = (((uintptr_t)type >> 4) * 0x9E3779B1u >> 5) & (kind_room - 1);
    while (kinds[slot] != NULL && kinds[slot]->type != type)
        slot = (slot + 1) & (kind_room - 1);
    return slot;
}

static void let_go(Kind *kind) {
    for (Py_ssize_t key = 0; key < LAYOUT_AT_MOST; key++)
        Py_XDECREF(kind->layout[key]);
    Py_DECREF(kind->bare);
    Py_DECREF(kind->type);
    PyMem_RawFree(kind);
}

/* Lets go of all kinds, and with them of classes that nobody else keeps. */
static void forget_kinds(void) {
    Kind **old = kinds;
    size_t before = kind_room;
    kinds = NULL;
    kind_room = kind_count = 0;
    for (size_t index = 0; index < before; index++)
        if (old[index] != NULL)
            let_go(old[index]);
    PyMem_RawFree(old);
}

static int kinds_grow(void) {
    size_t before = kind_room;
    Kind **old = kinds, **fresh = PyMem_RawCalloc(before ? before * 2 : 1024, sizeof *fresh);
    if (fresh == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    kinds = fresh;
    kind_room = before ? before * 2 : 1024;
    for (size_t index = 0; index < before; index++)
        if (old[index] != NULL)
            kinds[kind_slot(old[index]->type)] = old[index];
    PyMem_RawFree(old);
    return 0;
}

static Kind *known_kind(PyTypeObject *type) { return kind_room ? kinds[kind_slot(type)] : NULL; }

static Kind *new_kind(PyTypeObject *type) {
    if (kind_count >= (size_t)kinds_at_most)
        forget_kinds();
    PyObject *described = PyObject_CallOneArg(kind_of_type, (PyObject *)type);
    if (described == NULL)
        return NULL;
    Kind *meanwhile = known_kind(type);
    if (meanwhile != NULL || (kind_count * 2 >= kind_room && kinds_grow() < 0)) {
        Py_DECREF(described);
        return meanwhile;
    }
    Kind *kind = PyMem_RawCalloc(1, sizeof *kind);
    if (kind == NULL) {
        Py_DECREF(described);
        return (Kind *)PyErr_NoMemory();
    }
    kind->type = (PyTypeObject *)Py_NewRef(type);
    kind->bare = Py_NewRef(PyTuple_GET_ITEM(described, 0));
    kind->looks_inside = PyTuple_GET_ITEM(described, 1) == Py_True;
    kind->masked = PyTuple_GET_ITEM(kind->bare, 3) == Py_True;
    Py_DECREF(described);
    kinds[kind_slot(type)] = kind;
    kind_count++;
    return kind;
}

static void find_places(Kind *kind, PyDictKeysObject *keys) {
    kind->has_places = 0;
    for (Py_ssize_t name = 0; name < PyTuple_GET_SIZE(id_names); name++) {
        kind->places[name] = -1;
        for (Py_ssize_t index = 0; index < keys->dk_nentries && index < 127; index++) {
            PyObject *key = DK_UNICODE_ENTRIES(keys)[index].me_key;
            if (key != NULL && PyUnicode_Compare(key, PyTuple_GET_ITEM(id_names, name)) == 0) {
                kind->places[name] = (int8_t)index;
                kind->has_places = 1;
            }
        }
    }
}

/* Whether the ids' places are known in a dictionary of its own that an instance has. */
static int knows_places(Kind *kind, PyDictObject *dictionary) {
    PyDictKeysObject *keys = dictionary->ma_keys;
    Py_ssize_t count = keys->dk_nentries, same = 0;
    if (dictionary->ma_values != NULL || count > LAYOUT_AT_MOST || !DK_IS_UNICODE(keys))
        return 0;
    PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(keys);
    while (same < count && entries[same].me_key == kind->layout[same])
        same++;
    if (same == count && count == kind->layout_count && kind->keys == NULL)
        return 1;
    if (kind->learnt == LAYOUTS_LEARNT)
        return 0;
    for (Py_ssize_t index = 0; index < count; index++)
        Py_XSETREF(kind->layout[index], Py_XNewRef(entries[index].me_key));
    kind->layout_count = count;
    kind->learnt++;
    kind->keys = NULL;
    find_places(kind, keys);
    return 1;
}

/* Where instances' attributes are: values beside shared keys, or a dictionary; neither where there are none. */
static void attributes_of(PyObject *value, PyDictValues **values, PyObject **dictionary) {
    PyTypeObject *type = Py_TYPE(value);
    *values = NULL;
    *dictionary = NULL;
    if (!(type->tp_flags & Py_TPFLAGS_MANAGED_DICT)) {
        PyObject **place = type->tp_dictoffset > 0 ? (PyObject **)((char *)value + type->tp_dictoffset) : NULL;
        if (place != NULL)
            *dictionary = *place;
        return;
    }
#if PY_VERSION_HEX >= 0x030d0000
    *dictionary = (PyObject *)_PyObject_GetManagedDict(value);
    if (*dictionary == NULL && type->tp_flags & Py_TPFLAGS_INLINE_VALUES && _PyObject_InlineValues(value)->valid)
        *values = _PyObject_InlineValues(value);
#else
    PyDictOrValues either = *_PyObject_DictOrValuesPointer(value);
    if (_PyDictOrValues_IsValues(either))
        *values = _PyDictOrValues_GetValues(either);
    else
        *dictionary = _PyDictOrValues_GetDict(either);
#endif
}

/* Whether it is plain to see that dictionary has no id's name among its keys. */
static int has_no_id(PyObject *dictionary) {
    PyDictKeysObject *keys = ((PyDictObject *)dictionary)->ma_keys;
    if (!DK_IS_UNICODE(keys))
        return 0;
    for (Py_ssize_t index = 0; index < keys->dk_nentries; index++) {
        PyObject *key = DK_UNICODE_ENTRIES(keys)[index].me_key;
        if (key == NULL)
            continue;
        if (!PyUnicode_CHECK_INTERNED(key))
            return 0;
        if (name_bit(key) & id_name_bits)
            for (Py_ssize_t name = 0; name < PyTuple_GET_SIZE(id_names); name++)
                if (key == PyTuple_GET_ITEM(id_names, name))
                    return 0;
    }
    return 1;
}

/* The first of value's ids that can be shown; borrowed, NULL for none. *clear becomes 0 where only code of the
   program can say which. */
static PyObject *identity_of(Kind *kind, PyObject *value, int *clear) {
    PyDictValues *values;
    PyObject *dictionary;
    PyDictUnicodeEntry *entries = NULL;
    attributes_of(value, &values, &dictionary);
    PyDictKeysObject *shared =
        kind->type->tp_flags & Py_TPFLAGS_HEAPTYPE ? ((PyHeapTypeObject *)kind->type)->ht_cached_keys : NULL;
    if (dictionary != NULL && PyDict_CheckExact(dictionary) && ((PyDictObject *)dictionary)->ma_keys == shared)
        values = ((PyDictObject *)dictionary)->ma_values;
    if (values != NULL) {
        if (shared == NULL)
            return NULL;
        if (shared != kind->keys || shared->dk_nentries != kind->key_count) {
            find_places(kind, shared);
            kind->keys = shared;
            kind->key_count = shared->dk_nentries;
        }
        if (!kind->has_places)
            return NULL;
    }
    else if (dictionary == NULL || !PyDict_CheckExact(dictionary) || PyDict_GET_SIZE(dictionary) == 0)
        return NULL;
    else if (knows_places(kind, (PyDictObject *)dictionary)) {
        if (!kind->has_places)
            return NULL;
        entries = DK_UNICODE_ENTRIES(((PyDictObject *)dictionary)->ma_keys);
    }
    else if (has_no_id(dictionary))
        return NULL;
    else if (!DK_IS_UNICODE(((PyDictObject *)dictionary)->ma_keys)) {
        *clear = 0;
        return NULL;
    }
    for (Py_ssize_t name = 0; name < PyTuple_GET_SIZE(id_names); name++) {
        PyObject *found = NULL;
        if (entries != NULL)
            found = kind->places[name] >= 0 ? entries[kind->places[name]].me_value : NULL;
        else if (values == NULL)
            found = PyDict_GetItemWithError(dictionary, PyTuple_GET_ITEM(id_names, name));
        else if (kind->places[name] >= 0)
            found = values->values[kind->places[name]];
        if (found != NULL && (PyUnicode_CheckExact(found) || (PyLong_CheckExact(found) && values_mode == VALUES_SHORT)))
            return found;
    }
    PyErr_Clear();
    return NULL;
}

/* As value_at. */
unsigned char *object_at(unsigned char *at, Tape *tape, PyObject *value) {
    Kind *kind = known_kind(Py_TYPE(value));
    if (unlikely(kind == NULL || kind->tape != tape->id))
        return NULL;
    int clear = 1;
    PyObject *identity = kind->looks_inside ? identity_of(kind, value, &clear) : NULL;
    char digits[DIGITS_AT_MOST];
    size_t shown = 0; /* of a number */
    if (identity != NULL && !PyUnicode_CheckExact(identity))
        clear = (shown = digits_of(identity, digits)) > 0;
    else if (identity != NULL)
        clear = look_at_text(identity) == TEXT_SHOWN;
    if (!clear)
        return NULL;
    at = number_at(at, kind->number);
    int has_text = shown || (identity != NULL && PyUnicode_GET_LENGTH(identity) > 0);
    *at++ = has_text ? VALUE_TEXT : identity == NULL && kind->masked ? VALUE_MASKED : 0;
    if (shown)
        return raw_at(at, digits + DIGITS_AT_MOST - shown, shown);
    return has_text ? text_at(at, identity, TEXT_SHOWN) : at;
}

/* As type_number, of one of the program's classes. */
int64_t kind_number(Tape *tape, PyTypeObject *type, int *learnt) {
    Kind *kind = known_kind(type);
    if (kind == NULL && (kind = new_kind(type)) == NULL)
        return -1;
    if (kind->tape != tape->id) {
        int64_t number = tape_type(tape, PyTuple_GET_ITEM(kind->bare, 0));
        if (number < 0)
            return -1;
        kind->tape = tape->id;
        kind->number = number;
        *learnt = 1;
    }
    return kind->number;
}
