// A Go program on golang.org/x/oauth2, one goroutine for each request in flight; nothing is stored.
//
// oauth2 URL CA TOKENS CONCURRENCY 1|2: redeems the refresh tokens of the file, one a line, over
// HTTP/1.1 or HTTP/2, prints how many worked.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/oauth2"
)

// client keeps as many connections as there are requests in flight: the default keeps two.
func client(certificates string, concurrency int, http2 bool) *http.Client {
	pem, err := os.ReadFile(certificates)
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots},
		ForceAttemptHTTP2:   http2,
		MaxIdleConns:        concurrency,
		MaxIdleConnsPerHost: concurrency,
	}}
}

func main() {
	url, certificates, file := os.Args[1], os.Args[2], os.Args[3]
	concurrency, err := strconv.Atoi(os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
	config := &oauth2.Config{
		ClientID:     "bench",
		ClientSecret: "secret",
		Endpoint:     oauth2.Endpoint{TokenURL: url, AuthStyle: oauth2.AuthStyleInParams},
	}
	shared := client(certificates, concurrency, os.Args[5] == "2")
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, shared)

	tokens := make(chan string)
	var succeeded int64
	var workers sync.WaitGroup
	for i := 0; i < concurrency; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for token := range tokens {
				source := config.TokenSource(ctx, &oauth2.Token{RefreshToken: token})
				if _, err := source.Token(); err == nil {
					atomic.AddInt64(&succeeded, 1)
				}
			}
		}()
	}
	input, err := os.Open(file)
	if err != nil {
		log.Fatal(err)
	}
	lines := bufio.NewScanner(input)
	for lines.Scan() {
		tokens <- lines.Text()
	}
	close(tokens)
	workers.Wait()
	fmt.Println(succeeded)
}
