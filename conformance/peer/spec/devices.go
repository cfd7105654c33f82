package spec

// boringDevices are what every board has besides its cards.
func boringDevices() []Device {
	return []Device{
		{
			Address: "0000:00:00.0", ClassID: "06", SubclassID: "00", VendorID: "1022", DeviceID: "14a4", Class: "Bridge",
			Vendor: "Advanced Micro Devices, Inc. [AMD]", Product: "Genoa/Bergamo Root Complex",
		},
		{
			Address: "0000:05:00.0", ClassID: "01", SubclassID: "08", VendorID: "144d", DeviceID: "a80a",
			Class: "Mass storage controller", Vendor: "Samsung Electronics Co Ltd",
			Product: "NVMe SSD Controller PM9A1/PM9A3/980PRO", Driver: "nvme",
		},
		{
			Address: NICAddress, ClassID: "02", SubclassID: "00", VendorID: "8086", DeviceID: "1563",
			Class: "Network controller", Vendor: "Intel Corporation", Product: "Ethernet Controller X550", Driver: "ixgbe",
		},
		{
			Address: "0000:c6:00.0", ClassID: "03", SubclassID: "00", VendorID: "1a03", DeviceID: "2000",
			Class: "Display controller", Vendor: "ASPEED Technology, Inc.", Product: "ASPEED Graphics Family", Driver: "ast",
		},
	}
}

// NICAddress is the PCI address of the only network card.
const NICAddress = "0000:07:00.0"
