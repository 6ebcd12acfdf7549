// SPDX-License-Identifier: LGPL-2.1-or-later
// n / by for n below 2^23: processors' vectors cannot divide integers, and one
// number after the other takes longer than reading a matrix does.
uint quotient(uint n, uint by)
{
  return uint((float(n) + 0.5) / float(by));
}
