// The metadata polyfill has to run before the library's own decorators do: import the library only through this file.
import "reflect-metadata";

export * from "@peculiar/x509";
