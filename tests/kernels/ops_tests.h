/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of the program that holds every kernel beside plain C. */
#pragma once

void add_product_tests (void);
void add_attention_tests (void);
void add_adapter_tests (void);
void add_backward_adapter_tests (void);
void add_backward_tests (void);
void add_peak_tests (void);
void add_reference_tests (void);
void add_scoring_tests (void);
void add_strassen_tests (void);
