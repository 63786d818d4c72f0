/* config.h
 * Stands in for Wireshark's own generated header, which a dissector includes first and which
 * 4.0 does not install. Nothing of it is needed by the plugins.
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
