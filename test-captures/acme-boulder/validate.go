// SPDX-License-Identifier: GPL-2.0-or-later

// Boulder's validation authority by itself: validates what the lines of its input ask for, and prints its words.
//
//	validate RESOLVER CERTIFICATE ISSUER    a resolver that speaks DNS over HTTPS, and its certificate; the authority's name in CAA
//
// A line: type of challenge, identifier, token, thumbprint. Built inside Boulder's sources, see recipe.sh.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/jmhodges/clock"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/letsencrypt/boulder/bdns"
	corepb "github.com/letsencrypt/boulder/core/proto"
	"github.com/letsencrypt/boulder/features"
	"github.com/letsencrypt/boulder/identifier"
	blog "github.com/letsencrypt/boulder/log"
	"github.com/letsencrypt/boulder/va"
	vapb "github.com/letsencrypt/boulder/va/proto"
)

const account = 7

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func authority(resolver, certificate, issuer string) *va.ValidationAuthorityImpl {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(must(os.ReadFile(certificate)))
	stats, clk, log := prometheus.NewRegistry(), clock.New(), blog.StdoutLogger(-1)
	servers := must(bdns.NewStaticProvider([]string{resolver}))
	client := bdns.New(5*time.Second, servers, stats, clk, 2, "boulder", log, &tls.Config{RootCAs: roots})
	anywhere := func(netip.Addr) error { return nil } // the lab's addresses are those of documentation
	return must(va.NewValidationAuthorityImpl(client, nil, "boulder", issuer, stats, clk, log, []string{"https://" + issuer + "/acct/"},
		"lab", "ARIN", anywhere, 0, true, nil, 0, 0))
}

func limited() context.Context {
	limit, _ := context.WithTimeout(context.Background(), 20*time.Second)
	return limit
}

func said(problem *corepb.ProblemDetails) string {
	if problem == nil {
		return "valid"
	}
	return problem.ProblemType + ": " + problem.Detail
}

func main() {
	features.Set(features.Config{DNSPersist01Enabled: true, DNSAccount01Enabled: true})
	here := authority(os.Args[1], os.Args[2], os.Args[3])
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var kind, name, token, thumbprint string
		must(fmt.Sscan(lines.Text(), &kind, &name, &token, &thumbprint))
		who := identifier.NewDNS(name).ToProto()
		control := must(here.DoDCV(limited(), &vapb.PerformValidationRequest{
			Identifier: identifier.NewDNS(strings.TrimPrefix(name, "*.")).ToProto(),
			Challenge:  &corepb.Challenge{Type: kind, Status: "pending", Token: token},
			Authz:      &vapb.AuthzMeta{RegID: account, Id: 1}, ExpectedKeyAuthorization: token + "." + thumbprint}))
		word := said(control.Problem)
		if control.Problem == nil { // as its registration authority does it
			word = said(must(here.DoCAA(limited(), &vapb.IsCAAValidRequest{
				Identifier: who, ValidationMethod: kind, AccountURIID: account, AuthzID: 1})).Problem)
		}
		fmt.Printf("%s\t%s\t%s\n", kind, name, word)
	}
}
