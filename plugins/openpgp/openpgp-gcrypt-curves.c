/* openpgp-gcrypt-curves.c
 * ECDSA on the curves that GnuTLS has not got; see openpgp-gcrypt-curves.h
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <glib.h>
#include <wsutil/wsgcrypt.h>

#include "openpgp-gcrypt-curves.h"

bool
openpgp_gcrypt_has(const openpgp_key_numbers_t *key)
{
    return key->kind == OPENPGP_KIND_ECDSA && !g_str_has_prefix(key->curve->name, "NIST");
}

static gcry_mpi_t
mpi_of(openpgp_octets_t octets)
{
    gcry_mpi_t mpi = NULL;

    gcry_mpi_scan(&mpi, GCRYMPI_FMT_USG, octets.octets, octets.length, NULL);
    return mpi;
}

/* 0 < number < limit */
static bool
is_below(openpgp_octets_t number, gcry_mpi_t limit)
{
    gcry_mpi_t mpi = mpi_of(number);
    bool below = mpi && limit && gcry_mpi_cmp_ui(mpi, 0) > 0 && gcry_mpi_cmp(mpi, limit) < 0;

    gcry_mpi_release(mpi);
    return below;
}

static bool
are_below(const openpgp_octets_t *pair, const char *name, gcry_ctx_t curve)
{
    gcry_mpi_t limit = gcry_mpi_ec_get_mpi(name, curve, 0);
    bool below = is_below(pair[0], limit) && is_below(pair[1], limit);

    gcry_mpi_release(limit);
    return below;
}

static bool
is_on_curve(const openpgp_octets_t *pair, gcry_ctx_t curve)
{
    gcry_mpi_point_t point = gcry_mpi_point_snatch_set(NULL, mpi_of(pair[0]), mpi_of(pair[1]), gcry_mpi_set_ui(NULL, 1));
    bool on_curve = gcry_mpi_ec_curve_point(point, curve) != 0;

    gcry_mpi_point_release(point);
    return on_curve;
}

static openpgp_answer_t
verify_sexps(gcry_sexp_t data, gcry_sexp_t key, gcry_sexp_t signature)
{
    if (!data || !key || !signature)
        return OPENPGP_ANSWER_CANNOT;
    switch (gcry_err_code(gcry_pk_verify(signature, data, key))) {
    case GPG_ERR_NO_ERROR:
        return OPENPGP_ANSWER_GOOD;
    case GPG_ERR_BAD_SIGNATURE:
        return OPENPGP_ANSWER_BAD;
    default:
        return OPENPGP_ANSWER_CANNOT;
    }
}

static openpgp_answer_t
verify(const openpgp_key_numbers_t *key, openpgp_octets_t digest, const openpgp_octets_t *pair)
{
    gcry_sexp_t data_sexp = NULL, key_sexp = NULL, signature_sexp = NULL;
    openpgp_octets_t point = { key->number[0].octets - 1, 1 + key->number[0].length + key->number[1].length };
    openpgp_answer_t answer;

    gcry_sexp_build(&data_sexp, NULL, "(data(flags raw)(value %b))", (int)digest.length, digest.octets);
    gcry_sexp_build(&key_sexp, NULL, "(public-key(ecc(curve %s)(q %b)))", key->curve->name, (int)point.length, point.octets);
    gcry_sexp_build(&signature_sexp, NULL, "(sig-val(ecdsa(r %b)(s %b)))", (int)pair[0].length, pair[0].octets,
        (int)pair[1].length, pair[1].octets);
    answer = verify_sexps(data_sexp, key_sexp, signature_sexp);
    gcry_sexp_release(data_sexp);
    gcry_sexp_release(key_sexp);
    gcry_sexp_release(signature_sexp);
    return answer;
}

/* The leftmost bits of the digest, as many as the curve has. */
openpgp_answer_t
openpgp_gcrypt_verify(const openpgp_key_numbers_t *key, openpgp_octets_t digest, const openpgp_signature_numbers_t *signature)
{
    gcry_ctx_t curve = NULL;
    openpgp_answer_t answer = OPENPGP_ANSWER_REFUSED;

    if (gcry_mpi_ec_new(&curve, NULL, key->curve->name) != 0)
        return OPENPGP_ANSWER_CANNOT;
    digest.length = MIN(digest.length, (key->curve->bits + 7u) / 8);
    if (are_below(key->number, "p", curve) && is_on_curve(key->number, curve))
        answer = are_below(signature->number, "n", curve) ? verify(key, digest, signature->number) : OPENPGP_ANSWER_BAD;
    gcry_ctx_release(curve);
    return answer;
}
