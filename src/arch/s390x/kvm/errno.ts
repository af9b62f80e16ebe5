/** Why a call of the hypervisor interface failed; the names are the interface's. */
export type Errno = 'E2BIG' | 'EBUSY' | 'EEXIST' | 'EFAULT' | 'EINVAL' | 'ENOENT' | 'ENOMEM' | 'ENXIO' | 'EOPNOTSUPP';
