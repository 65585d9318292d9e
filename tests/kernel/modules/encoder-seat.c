// SPDX-License-Identifier: GPL-2.0
/*
 * encoder-seat: a place for the kernel's rotary-encoder driver on two lines of any GPIO chip, where no device tree says so.
 * The input device is what a Pi gets from `dtoverlay=rotary-encoder,pin_a=17,pin_b=27,relative_axis=1,steps-per-period=...`:
 * REL_X, one event a detent, named rotary@<pin_a in hex>. No driver knows a device of that name: whoever loads this module
 * binds it by sysfs (driver_override, then the driver's bind).
 *
 *   chip              the GPIO chip's label
 *   pin_a, pin_b      lines of that chip, low when the contact is closed
 *   steps_per_period  detents in one full cycle of the two contacts: 1, 2 or 4 (1)
 */
#include <linux/gpio/machine.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/property.h>

static char *chip = "pinctrl-rig";
module_param(chip, charp, 0444);
static int pin_a = 5;
module_param(pin_a, int, 0444);
static int pin_b = 6;
module_param(pin_b, int, 0444);
static int steps_per_period = 1;
module_param(steps_per_period, int, 0444);

static struct platform_device *seat;
static struct gpiod_lookup_table *lines;

static int __init seat_init(void)
{
	char name[24];
	struct property_entry properties[] = {
		PROPERTY_ENTRY_U32("rotary-encoder,steps", 24),
		PROPERTY_ENTRY_U32("rotary-encoder,steps-per-period", steps_per_period),
		PROPERTY_ENTRY_BOOL("rotary-encoder,relative-axis"),
		PROPERTY_ENTRY_U32("linux,axis", 0),
		{ }
	};
	int err = -ENOMEM;

	snprintf(name, sizeof(name), "rotary@%x", pin_a);
	seat = platform_device_alloc(name, PLATFORM_DEVID_NONE);
	lines = kzalloc(struct_size(lines, table, 3), GFP_KERNEL);
	if (!seat || !lines)
		goto fail;
	lines->dev_id = kstrdup(name, GFP_KERNEL);
	lines->table[0] = GPIO_LOOKUP_IDX(chip, pin_a, NULL, 0, GPIO_ACTIVE_HIGH);
	lines->table[1] = GPIO_LOOKUP_IDX(chip, pin_b, NULL, 1, GPIO_ACTIVE_HIGH);
	gpiod_add_lookup_table(lines);

	err = device_create_managed_software_node(&seat->dev, properties, NULL);
	if (!err)
		err = platform_device_add(seat);
	if (!err)
		return 0;
	gpiod_remove_lookup_table(lines);
	kfree(lines->dev_id);
fail:
	kfree(lines);
	platform_device_put(seat);
	return err;
}

static void __exit seat_exit(void)
{
	platform_device_unregister(seat);
	gpiod_remove_lookup_table(lines);
	kfree(lines->dev_id);
	kfree(lines);
}

module_init(seat_init);
module_exit(seat_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Seats the rotary-encoder driver on two GPIO lines");
