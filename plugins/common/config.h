/* config.h
 * Stands in for Wireshark's own generated header, which a dissector includes first and which
 * 4.0 does not install. Of it the plugins need nothing but the names of libraries, which they always have.
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#define HAVE_LIBGNUTLS 1
#define HAVE_ZLIB 1
