import http from "node:http";
import { exitBy } from "./exit";
import { noticeServers, stopServing } from "./stop-serving";

// A server as Next's: it stops listening, waits for every answer, then ends. Started by stop-serving.test.ts.
noticeServers();
const server = http.createServer((request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  if (request.url === "/endless") response.write("data: first\n\n");
  else if (request.url === "/flood") flood(response);
  else response.end("well");
});
const flood = (response: http.ServerResponse): void => {
  while (response.write("x".repeat(65_536)));
  response.once("drain", () => flood(response));
};
process.on("SIGTERM", () => {
  const [cutMs = 0, byMs = 0] = process.argv.slice(2).map(Number);
  exitBy(byMs, 99);
  stopServing(cutMs);
  server.close(() => process.exit(143));
  process.stdout.write("stopping\n");
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${typeof address === "object" ? address?.port : ""}\n`);
});
