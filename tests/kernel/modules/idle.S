# idle - what a guest on virtual time does when it has nothing to do: five instructions, 10 ns of its time, for ever.
# QEMU gets through them about twice as fast as a clock would; with fewer, waiting takes longer than the time waited for.
.globl _start
_start:
	.rept 4
	nop
	.endr
	jmp _start
.section .note.GNU-stack, "", %progbits
