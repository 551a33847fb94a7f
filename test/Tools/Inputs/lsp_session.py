"""Opens a document in sparse-lsp-server and prints the diagnostics it sends."""

import json
import subprocess
import sys


def frame(message):
    body = json.dumps({"jsonrpc": "2.0", **message})
    return f"Content-Length: {len(body)}\r\n\r\n{body}"


def main():
    with open(sys.argv[1]) as source:
        text = source.read()
    document = {"uri": "test:///in.mlir", "languageId": "mlir", "version": 1,
                "text": text}
    session = "".join(map(frame, [
        {"id": 0, "method": "initialize",
         "params": {"processId": 1, "rootPath": "", "capabilities": {},
                    "trace": "off"}},
        {"method": "textDocument/didOpen",
         "params": {"textDocument": document}},
        {"id": 1, "method": "shutdown"},
        {"method": "exit"},
    ]))
    server = subprocess.run(["sparse-lsp-server"], input=session, text=True,
                            capture_output=True, timeout=60, check=False)
    for line in server.stdout.replace("Content-Length", "\n").splitlines():
        start = line.find("{")
        message = json.loads(line[start:]) if start >= 0 else {}
        if message.get("method") == "textDocument/publishDiagnostics":
            for found in message["params"]["diagnostics"]:
                print(f"line {found['range']['start']['line']}: "
                      f"{found['message']}")


if __name__ == "__main__":
    main()
