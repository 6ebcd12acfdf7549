/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What drivers tell of a device in extensions of their own. */
#pragma once

#include <glib.h>
#include <vulkan/vulkan.h>

G_BEGIN_DECLS

/* Parts of a device that run workgroups side by side, such as streaming
 * multiprocessors or compute units; a guess where the driver does not tell. */
guint fe_count_processors (VkPhysicalDevice physical);

G_END_DECLS
