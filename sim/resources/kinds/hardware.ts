import * as message from "@/lib/talos/gen/resource/definitions/hardware";
import { defineKind } from "../kind";
import { omitEmpty } from "../omit-empty";

const namespace = "hardware";
const owner = "hardware.SystemInfoController";

export const pciDevices = defineKind({
  type: "PCIDevices.hardware.talos.dev",
  namespace,
  owner: "hardware.PCIDevicesController",
  message: message.PCIDeviceSpec,
  yaml: (spec) => ({
    class: omitEmpty(spec.class),
    subclass: omitEmpty(spec.subclass),
    vendor: omitEmpty(spec.vendor),
    product: omitEmpty(spec.product),
    class_id: spec.classId,
    subclass_id: spec.subclassId,
    vendor_id: spec.vendorId,
    product_id: spec.productId,
    driver: omitEmpty(spec.driver),
  }),
});

export const systemInformations = defineKind({
  type: "SystemInformations.hardware.talos.dev",
  namespace,
  owner,
  message: message.SystemInformationSpec,
  yaml: (spec) => ({
    manufacturer: omitEmpty(spec.manufacturer),
    productName: omitEmpty(spec.productName),
    version: omitEmpty(spec.version),
    biosVersion: omitEmpty(spec.biosVersion),
    serialnumber: omitEmpty(spec.serialNumber),
    uuid: omitEmpty(spec.uuid),
    wakeUpType: omitEmpty(spec.wakeUpType),
    skuNumber: omitEmpty(spec.skuNumber),
  }),
});

export const processors = defineKind({
  type: "Processors.hardware.talos.dev",
  namespace,
  owner,
  message: message.ProcessorSpec,
  yaml: (spec) => ({
    socket: omitEmpty(spec.socket),
    manufacturer: omitEmpty(spec.manufacturer),
    productName: omitEmpty(spec.productName),
    maxSpeedMhz: omitEmpty(spec.maxSpeed),
    bootSpeedMhz: omitEmpty(spec.bootSpeed),
    status: omitEmpty(spec.status),
    serialNumber: omitEmpty(spec.serialNumber),
    assetTag: omitEmpty(spec.assetTag),
    partNumber: omitEmpty(spec.partNumber),
    coreCount: omitEmpty(spec.coreCount),
    coreEnabled: omitEmpty(spec.coreEnabled),
    threadCount: omitEmpty(spec.threadCount),
  }),
});

export const memoryModules = defineKind({
  type: "MemoryModules.hardware.talos.dev",
  namespace,
  owner,
  message: message.MemoryModuleSpec,
  yaml: (spec) => ({
    sizeMiB: omitEmpty(spec.size),
    deviceLocator: omitEmpty(spec.deviceLocator),
    bankLocator: omitEmpty(spec.bankLocator),
    speed: omitEmpty(spec.speed),
    manufacturer: omitEmpty(spec.manufacturer),
    serialNumber: omitEmpty(spec.serialNumber),
    assetTag: omitEmpty(spec.assetTag),
    productName: omitEmpty(spec.productName),
  }),
});
