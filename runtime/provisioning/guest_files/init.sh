#!/bin/busybox sh
# The guest's first and only program: brings its devices up, says what it has, and stays.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do insmod "/modules/$module"; done < /modules/order
for nic in /sys/class/net/*; do
    name=${nic##*/}
    ip link set "$name" up
    echo "guest nic: $name $(cat "$nic/address")"
done
for disk in /sys/block/*; do
    echo "guest disk: ${disk##*/} $(cat "$disk/size") sectors"
done
read -r uptime idle < /proc/uptime
echo "guest kernel: $(uname -r), up for $uptime s"
echo "@MARKER@"
exec sleep 2147483647
