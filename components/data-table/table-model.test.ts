import { describe, expect, it } from "vitest";
import { filterOptions, matchingRows, nextSort, type TableDefinition } from "./table-model";

type Row = { name: string; gpus: string[]; load: number | null };
const rows: Row[] = [
  { name: "gpu-10", gpus: ["RTX 4090"], load: 7 },
  { name: "gpu-2", gpus: ["RTX 4090", "UHD 770"], load: null },
  { name: "cp-1", gpus: [], load: 30 },
];
const table: TableDefinition<Row> = {
  what: "nodes",
  rowId: (row) => row.name,
  rowName: (row) => row.name,
  columns: [
    { id: "name", header: "Name", cell: (row) => row.name, sortValue: (row) => row.name },
    { id: "load", header: "Load", cell: (row) => row.load, sortValue: (row) => row.load },
  ],
  filters: [{ id: "gpu", label: "GPU", values: (row) => (row.gpus.length > 0 ? row.gpus : ["none"]) }],
  searchText: (row) => `${row.name} ${row.gpus.join(" ")}`,
  defaultSort: "name",
};
const names = (state: Partial<Parameters<typeof matchingRows>[2]>) =>
  matchingRows(rows, table, { q: "", sort: "name", filters: {}, ...state }).map((row) => row.name);

describe("matchingRows", () => {
  it("sorts as people do, both ways", () => {
    expect(names({})).toEqual(["cp-1", "gpu-2", "gpu-10"]);
    expect(names({ sort: "-name" })).toEqual(["gpu-10", "gpu-2", "cp-1"]);
  });
  it("puts what is not known last, both ways", () => {
    expect(names({ sort: "load" })).toEqual(["gpu-10", "cp-1", "gpu-2"]);
    expect(names({ sort: "-load" })).toEqual(["cp-1", "gpu-10", "gpu-2"]);
  });
  it("wants every word of the search and any value of a filter", () => {
    expect(names({ q: "4090 GPU" })).toEqual(["gpu-2", "gpu-10"]);
    expect(names({ filters: { gpu: ["UHD 770", "none"] } })).toEqual(["cp-1", "gpu-2"]);
    expect(names({ q: "nothing" })).toEqual([]);
  });
  it("keeps the given order for a sort that does not exist", () => {
    expect(names({ sort: "bogus" })).toEqual(["gpu-10", "gpu-2", "cp-1"]);
  });
});

describe("filterOptions", () => {
  it("counts rows per value and keeps a chosen one that has none", () => {
    expect(filterOptions(rows, table.filters![0]!, ["Arc A770"])).toEqual([
      { value: "Arc A770", count: 0 },
      { value: "none", count: 1 },
      { value: "RTX 4090", count: 2 },
      { value: "UHD 770", count: 1 },
    ]);
  });
});

it("turns the sort around on the second press", () => {
  expect(nextSort("name", "load")).toBe("load");
  expect(nextSort("load", "load")).toBe("-load");
  expect(nextSort("-load", "load")).toBe("load");
});
