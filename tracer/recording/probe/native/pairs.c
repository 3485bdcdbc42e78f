/* Pairs of instructions that are executed as one.

   Python 3.12 makes them when a function is made, and takes all of a function's apart, for good, as soon as any
   event is turned on or off in it; code then runs several percent slower, though nothing listens any more. Here
   they are put together again. Python 3.13 compiles such pairs to instructions of their own. */

#include "native.h"

#if PY_VERSION_HEX < 0x030d0000

#define NEED_OPCODE_TABLES
#include "internal/pycore_opcode.h"

static int joined(int first, int second) {
    if (second == LOAD_FAST)
        return first == LOAD_FAST    ? LOAD_FAST__LOAD_FAST
               : first == STORE_FAST ? STORE_FAST__LOAD_FAST
               : first == LOAD_CONST ? LOAD_CONST__LOAD_FAST
                                     : 0;
    if (first == LOAD_FAST && second == LOAD_CONST)
        return LOAD_FAST__LOAD_CONST;
    return first == STORE_FAST && second == STORE_FAST ? STORE_FAST__STORE_FAST : 0;
}

static int is_one_of_ours(int instruction) {
    return instruction == INSTRUMENTED_RESUME || instruction == INSTRUMENTED_RETURN_VALUE ||
           instruction == INSTRUMENTED_RETURN_CONST || instruction == INSTRUMENTED_YIELD_VALUE;
}

PyObject *join_pairs(PyObject *module, PyObject *code) {
    _Py_CODEUNIT *at = _PyCode_CODE((PyCodeObject *)code), *end = at + Py_SIZE(code);
    int before = 0;
    for (; at < end; at++) {
        int plain = _PyOpcode_Deopt[at->op.code];
        if (at->op.code >= MIN_INSTRUMENTED_OPCODE) {
            /* Of events of others it is not known here how long the instruction is. */
            if (!is_one_of_ours(at->op.code))
                break;
            plain = 0;
        }
        int pair = joined(before, plain);
        if (pair)
            at[-1].op.code = (uint8_t)pair;
        before = plain;
        if (_PyOpcode_Caches[plain]) {
            at += _PyOpcode_Caches[plain];
            before = 0;
        }
    }
    Py_RETURN_NONE;
}

#else

PyObject *join_pairs(PyObject *module, PyObject *code) { Py_RETURN_NONE; }

#endif
