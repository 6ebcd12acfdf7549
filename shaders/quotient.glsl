// SPDX-License-Identifier: LGPL-2.1-or-later
// n / by for n < 2^23. CPU vector units have no integer division, and dividing
// lane by lane takes longer than reading a matrix.
uint quotient(uint n, uint by)
{
  return uint((float(n) + 0.5) / float(by));
}
