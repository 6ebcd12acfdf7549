#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
#include "packed.glsl"
void main () {}
