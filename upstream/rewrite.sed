# What is otherwise in a plugin than in a dissector of Wireshark's tree. For sed -E; unifdef has been before.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# Older versions and standing in for others are no concern in the tree.
/^#include "(compat|api-bool|standin)\.h"$/d
s/\bapi_bool_t\b/bool/g

# Wireshark itself says whose items and expert information are.
/= standin_speak_as\(/d
/pinfo->current_proto = saved;/d

# What is registered begins as 0.
s/^(static int (hf|ett|proto)_\w+) = -1;/\1;/
s/^(static expert_field \w+) = EI_INIT;/\1;/
s/^(expert_field \w+) = EI_INIT;/\1;/

# Guards as in epan/dissectors.
s/^(#ifndef|#define|#endif \/\*) GAPFILL_(\w+_H)\b/\1 __\2__/

# Nothing there has a hub.
s/\bof the plugin\b/of the dissector/g
