#!/bin/sh
# One refresh after the other, a curl process each: what a first version in a shell, or in PHP, does.
# sequential.sh URL CA TOKENS: redeems the refresh tokens of the file, one a line, prints how many worked.
set -eu
url=$1
ca=$2
tokens=$3

succeeded=0
while read -r token; do
    # The form goes through stdin: arguments are open to every user of the machine.
    status=$(printf 'client_id=bench&client_secret=secret&grant_type=refresh_token&refresh_token=%s' "$token" \
        | curl --silent --cacert "$ca" --data @- --output /dev/null --write-out '%{http_code}' "$url")
    [ "$status" != 200 ] || succeeded=$((succeeded + 1))
done <"$tokens"
echo "$succeeded"
