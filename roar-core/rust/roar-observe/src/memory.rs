//! Reading the memory of a process that waits for us.

const PAGE: usize = 4096;
const LONGEST_PATH: usize = 4096;

/// Reads what is at `address`, as far as it goes; 0 if nothing can be read.
fn read(thread: i32, address: u64, buffer: &mut [u8]) -> usize {
    let local = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    let remote = libc::iovec { iov_base: address as *mut libc::c_void, iov_len: buffer.len() };
    // SAFETY: the kernel writes at most the length of the live buffer; the remote address is checked by it.
    let count = unsafe { libc::process_vm_readv(thread, &local, 1, &remote, 1, 0) };
    usize::try_from(count).unwrap_or(0)
}

/// Fills `buffer` exactly.
pub fn read_exact(thread: i32, address: u64, buffer: &mut [u8]) -> bool {
    read(thread, address, buffer) == buffer.len()
}

/// The path at `address`, put into `path`. False if the call itself will fail on it (no memory, too long).
pub fn read_path(thread: i32, address: u64, path: &mut Vec<u8>) -> bool {
    path.clear();
    let mut buffer = [0u8; PAGE];
    let mut at = address;
    // A string may end just before memory that is not there: never read across a page that it does not reach.
    // Most paths are short: a first small piece costs less than a page.
    let mut most = 256;
    while path.len() < LONGEST_PATH {
        let count = (PAGE - (at as usize & (PAGE - 1))).min(most);
        let count = read(thread, at, &mut buffer[..count]);
        if count == 0 {
            return false;
        }
        if let Some(end) = buffer[..count].iter().position(|&byte| byte == 0) {
            path.extend_from_slice(&buffer[..end]);
            return path.len() < LONGEST_PATH;
        }
        path.extend_from_slice(&buffer[..count]);
        at += count as u64;
        most = PAGE;
    }
    false
}

/// Reads strings that lie close to each other with few calls.
pub struct Pages {
    thread: i32,
    start: u64,
    length: usize,
    buffer: [u8; PAGE],
}

impl Pages {
    pub fn new(thread: i32) -> Pages {
        Pages { thread, start: 0, length: 0, buffer: [0; PAGE] }
    }

    /// The rest of the page that holds `address`.
    fn at(&mut self, address: u64) -> &[u8] {
        if address < self.start || address >= self.start + self.length as u64 {
            self.start = address & !(PAGE as u64 - 1);
            self.length = read(self.thread, self.start, &mut self.buffer[..]);
        }
        self.buffer[..self.length].get((address - self.start) as usize..).unwrap_or(&[])
    }

    /// The string at `address`, cut after `limit` bytes.
    pub fn string(&mut self, mut address: u64, limit: usize) -> Vec<u8> {
        let mut string = Vec::new();
        loop {
            let piece = self.at(address);
            if piece.is_empty() {
                return string;
            }
            if let Some(end) = piece.iter().position(|&byte| byte == 0) {
                string.extend_from_slice(&piece[..end]);
                string.truncate(limit);
                return string;
            }
            string.extend_from_slice(piece);
            if string.len() >= limit {
                string.truncate(limit);
                return string;
            }
            address += piece.len() as u64;
        }
    }

    fn pointer(&mut self, address: u64, size: usize) -> Option<u64> {
        let mut bytes = [0u8; 8];
        for (index, byte) in bytes[..size].iter_mut().enumerate() {
            *byte = *self.at(address + index as u64).first()?;
        }
        Some(u64::from_le_bytes(bytes))
    }

    /// A list of strings that ends in a null pointer (argv). Its text is cut after `limit` bytes.
    pub fn strings(&mut self, mut address: u64, pointer_size: usize, limit: usize) -> Vec<Vec<u8>> {
        let mut pointers = Vec::new();
        while let Some(pointer) = self.pointer(address, pointer_size).filter(|&pointer| pointer != 0) {
            pointers.push(pointer);
            address += pointer_size as u64;
            if pointers.len() > limit / 2 {
                break;
            }
        }
        let mut strings = Vec::with_capacity(pointers.len());
        let mut left = limit;
        for pointer in pointers {
            if left == 0 {
                break;
            }
            let string = self.string(pointer, left);
            left -= string.len().min(left);
            strings.push(string);
        }
        strings
    }
}
