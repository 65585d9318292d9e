// SPDX-License-Identifier: GPL-2.0
/*
 * i2c-tap: an I2C bus with one device that acknowledges everything. What is written to it is queued for /dev/i2c-tap,
 * each write as { u64 ns (CLOCK_MONOTONIC), u16 address, u16 length, bytes }, in the machine's byte order.
 *
 *   nr       the bus is /dev/i2c-<nr> (1)
 *   addr     the device's address (0x3c); any other address fails
 *   nak      1: every transfer fails with EREMOTEIO, as on a Pi whose display has been unplugged (0)
 *   hz       the bus clock whose time a transfer takes, 9 bits a byte; 0: none (0)
 *   dropped  writes lost because nobody read the queue of 1 MiB
 */
#include <linux/delay.h>
#include <linux/i2c.h>
#include <linux/kfifo.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#define QUEUE_BYTES (1 << 20)

static int nr = 1;
module_param(nr, int, 0444);
static int addr = 0x3c;
module_param(addr, int, 0644);
static int nak;
module_param(nak, int, 0644);
static int hz;
module_param(hz, int, 0644);
static int dropped;
module_param(dropped, int, 0444);

struct record {
	u64 ns;
	u16 addr;
	u16 len;
} __packed;

static struct kfifo queue;
static DEFINE_MUTEX(queue_lock);
static DECLARE_WAIT_QUEUE_HEAD(readers);

static void keep(const struct i2c_msg *msg)
{
	struct record record = { ktime_get_ns(), msg->addr, msg->len };

	mutex_lock(&queue_lock);
	if (kfifo_avail(&queue) < sizeof(record) + msg->len) {
		dropped++;
	} else {
		kfifo_in(&queue, &record, sizeof(record));
		kfifo_in(&queue, msg->buf, msg->len);
	}
	mutex_unlock(&queue_lock);
	wake_up_interruptible(&readers);
}

static int tap_transfer(struct i2c_adapter *adapter, struct i2c_msg *msgs, int count)
{
	int i, bits = 0;

	for (i = 0; i < count; i++) {
		if (nak || msgs[i].addr != addr)
			return -EREMOTEIO;
		bits += 9 * (msgs[i].len + 1);
		if (msgs[i].flags & I2C_M_RD)
			memset(msgs[i].buf, 0, msgs[i].len);
		else
			keep(&msgs[i]);
	}
	if (hz > 0) {
		unsigned long us = bits * 1000000ULL / hz;

		usleep_range(us, us + 20);
	}
	return count;
}

static u32 tap_functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
}

static const struct i2c_algorithm tap_algorithm = {
	.master_xfer = tap_transfer,
	.functionality = tap_functionality,
};

static struct i2c_adapter tap_adapter = {
	.owner = THIS_MODULE,
	.algo = &tap_algorithm,
	.name = "i2c-tap",
};

static ssize_t tap_read(struct file *file, char __user *to, size_t size, loff_t *offset)
{
	unsigned int copied;
	int err;

	if (kfifo_is_empty(&queue)) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(readers, !kfifo_is_empty(&queue));
		if (err)
			return err;
	}
	mutex_lock(&queue_lock);
	err = kfifo_to_user(&queue, to, size, &copied);
	mutex_unlock(&queue_lock);
	return err ? err : copied;
}

static __poll_t tap_poll(struct file *file, poll_table *table)
{
	poll_wait(file, &readers, table);
	return kfifo_is_empty(&queue) ? 0 : EPOLLIN | EPOLLRDNORM;
}

static const struct file_operations tap_files = {
	.owner = THIS_MODULE,
	.read = tap_read,
	.poll = tap_poll,
};

static struct miscdevice tap_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "i2c-tap",
	.fops = &tap_files,
};

static int __init tap_init(void)
{
	int err = kfifo_alloc(&queue, QUEUE_BYTES, GFP_KERNEL);

	if (err)
		return err;
	err = misc_register(&tap_device);
	if (err)
		goto free_queue;
	tap_adapter.nr = nr;
	err = i2c_add_numbered_adapter(&tap_adapter);
	if (!err)
		return 0;
	misc_deregister(&tap_device);
free_queue:
	kfifo_free(&queue);
	return err;
}

static void __exit tap_exit(void)
{
	i2c_del_adapter(&tap_adapter);
	misc_deregister(&tap_device);
	kfifo_free(&queue);
}

module_init(tap_init);
module_exit(tap_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("I2C bus that records what its one device is sent");
