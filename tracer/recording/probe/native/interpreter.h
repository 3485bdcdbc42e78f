/* The interpreter whose frames are read as they are, for which there is no public way; those are laid out
   differently in each minor version, so the extension is built for each. */

#ifndef STACKWALK_INTERPRETER_H
#define STACKWALK_INTERPRETER_H

#define PY_SSIZE_T_CLEAN
#define Py_BUILD_CORE 1
#include <Python.h>

#if PY_VERSION_HEX < 0x030c0000 || PY_VERSION_HEX >= 0x030e0000 || defined(Py_GIL_DISABLED)
#error "The native collector knows CPython 3.12 and 3.13 with an interpreter lock."
#endif

#include "internal/pycore_frame.h"
#include "internal/pycore_code.h"
#include "internal/pycore_interp.h"
#include <stdint.h>

typedef struct _PyInterpreterFrame Frame;

#if PY_VERSION_HEX >= 0x030d0000
#define RUNNING_FRAME(state) ((state)->current_frame)
#define INSTRUCTION(frame) ((void *)(frame)->instr_ptr)
#else
#define PyThreadState_GetUnchecked _PyThreadState_UncheckedGet
#define RUNNING_FRAME(state) ((state)->cframe->current_frame)
#define INSTRUCTION(frame) ((void *)(frame)->prev_instr)
#endif

static inline PyCodeObject *frame_code(Frame *frame) {
#if PY_VERSION_HEX >= 0x030d0000
    return (PyCodeObject *)frame->f_executable;
#else
    return frame->f_code;
#endif
}

#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define always_inline inline __attribute__((always_inline))
#define kept_apart __attribute__((noinline))
#define seldom __attribute__((noinline, cold))

#endif
