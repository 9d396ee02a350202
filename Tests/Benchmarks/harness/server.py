"""The other side: nginx with Lua, which answers like Microsoft's token endpoint.

One server for all: the latency is in the tenant's name (`50ms.example`), HTTP/1.1 and HTTP/2 have a
port each. Every answer holds an access token and a rotated refresh token, 3.4 KB together.
"""

import os
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

MODULES = Path("/usr/lib/nginx/modules")

# Lua answers from two constant halves and a counter: the server shall cost little.
CONFIGURATION = """
load_module {modules}/ndk_http_module.so;
load_module {modules}/ngx_http_lua_module.so;
daemon off;
{user}
worker_processes {workers};
worker_rlimit_nofile 20000;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  client_body_buffer_size 16k;
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  http2_max_concurrent_streams 250;
  ssl_certificate server.pem;
  ssl_certificate_key server.key;
  ssl_protocols TLSv1.2 TLSv1.3;
  lua_load_resty_core on;
  init_by_lua_block {{
    head = '{{"token_type":"Bearer","scope":"User.Read Team.ReadBasic.All","expires_in":4823,'
      .. '"ext_expires_in":4823,"access_token":"' .. string.rep('eyJ0eXAiOiJK', 162)
      .. '","refresh_token":"0.AXoA' .. string.rep('n8Yq2-_Lw0Zc', 103)
    count = 0
  }}
  server {{
    listen 127.0.0.1:{http1} ssl backlog=4096;
    listen 127.0.0.1:{http2} ssl http2 backlog=4096;
    server_name localhost;
    location ~ "^/(?<latency>[0-9]+)ms\\.example/oauth2/v2\\.0/token$" {{
      default_type "application/json; charset=utf-8";
      content_by_lua_block {{
        ngx.req.read_body()
        local latency = tonumber(ngx.var.latency)
        if latency > 0 then ngx.sleep(latency / 1000) end
        count = count + 1
        local body = head .. ngx.worker.pid() .. '-' .. count .. '"}}'
        ngx.header.content_length = #body
        ngx.print(body)
      }}
    }}
    location ~ "^/(?<tenant>[^/]+)/v2\\.0/\\.well-known/openid-configuration$" {{
      default_type application/json;
      set $base "https://localhost:$server_port/$tenant";
      return 200 '{{"issuer":"$base/v2.0","authorization_endpoint":"$base/authorize","token_endpoint":"$base/oauth2/v2.0/token"}}';
    }}
  }}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_certificates(directory: Path) -> None:
    """A CA (ca.pem) and a certificate for localhost that it signed."""
    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=Benchmark CA")
    openssl("req", *curve, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (directory / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2",
            "-CAcreateserial", "-extfile", "names", "-out", "server.pem")


class TokenServer:
    """Runs while the `with` block does; its files are in `directory`."""

    def __init__(self, directory: Path, workers: int) -> None:
        self.directory = directory
        self.ports = {1: free_port(), 2: free_port()}
        self.ca = directory / "ca.pem"
        directory.mkdir()
        make_certificates(directory)
        (directory / "nginx.conf").write_text(CONFIGURATION.format(
            modules=MODULES, workers=workers, http1=self.ports[1], http2=self.ports[2],
            # A worker of another user could not enter our directory.
            user="user root;" if os.geteuid() == 0 else ""))

    def host(self, http: int) -> str:
        return f"https://localhost:{self.ports[http]}"

    @staticmethod
    def tenant(latency: int) -> str:
        return f"{latency}ms.example"

    def url(self, http: int, latency: int) -> str:
        return f"{self.host(http)}/{self.tenant(latency)}/oauth2/v2.0/token"

    def __enter__(self) -> "TokenServer":
        nginx = "/usr/sbin/nginx"
        self.process = subprocess.Popen(
            [nginx, "-p", str(self.directory), "-c", "nginx.conf", "-e", "error.log"],
            stderr=subprocess.DEVNULL)
        for _ in range(100):
            if all(self.answers(port) for port in self.ports.values()):
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise SystemExit(f"bench: nginx did not start\n{(self.directory / 'error.log').read_text()}")

    @staticmethod
    def answers(port: int) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.process.terminate()
        self.process.wait()
