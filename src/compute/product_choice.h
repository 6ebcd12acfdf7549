/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Chooses the tile of a product on graphics hardware, and whether k is split
 * into parts: a table and a cost model that need no device. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The kernels that have tiles. */
typedef enum {
  FE_PRODUCT_WORKGROUP_TILES,    /* matmul_workgroup.comp */
  FE_PRODUCT_COOPMAT,            /* matmul_coopmat.comp */
  FE_PRODUCT_COOPMAT2_WORKGROUP, /* matmul_coopmat2.comp, where workgroups and
                                  */
  FE_PRODUCT_COOPMAT2_SUBGROUP,  /* where subgroups share a matrix */
  FE_N_PRODUCTS,
} FeProductKernel;

/* What a workgroup of a product writes, and into how many parts of equal size k
 * is split, each with a sum of its own. */
typedef struct {
  guint rows, columns;
  guint parts;
  guint depth; /* steps of k at a time, of kernels that have a choice */
} FeProductTile;

/* A product, and the kernel that runs it. */
typedef struct {
  FeProductKernel kernel;
  guint processors; /* that run workgroups side by side */
  guint rows, columns, k;
  guint batch; /* matrices; only a single one is cut into parts */
} FeProductShape;

/* Gets one of the kernel's tiles, counted from 0, with parts = 1; FALSE where
 * there are no more. */
gboolean fe_product_get_tile (FeProductKernel kernel, guint number,
                              FeProductTile *tile);

/* Whether k can be split into that many parts. */
gboolean fe_product_can_split (const FeProductShape *shape, guint parts);

/* The largest number of parts of k. */
#define FE_PRODUCT_SPLITS 8

/* The cheapest of all the kernel's tiles and numbers of parts. Columns of a
 * part are a multiple of 8, as padded columns of matrices are. */
FeProductTile fe_product_choose (const FeProductShape *shape);

/* Cost of a product with a tile, in multiplications of one processor. */
double fe_product_cost (const FeProductShape *shape, const FeProductTile *tile);

G_END_DECLS
