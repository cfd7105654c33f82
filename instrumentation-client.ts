import { config } from "zod";

// Zod would try `new Function` for speed; the content security policy forbids it and the browser would log each try.
config({ jitless: true });
