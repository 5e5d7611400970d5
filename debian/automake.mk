# SPDX-License-Identifier: Apache-2.0
#
# debian, rpm: packages.  "dpkg-buildpackage -us -uc -b" builds those of Debian,
# "rpmbuild -ta ovs-span-*.tar.xz" those of Fedora.
EXTRA_DIST += \
	debian/changelog \
	debian/control \
	debian/copyright \
	debian/ovs-span-doc.docs \
	debian/ovs-span-doc.install \
	debian/ovs-span-wireshark.install \
	debian/ovs-span.default \
	debian/ovs-span.dirs \
	debian/ovs-span.docs \
	debian/ovs-span.install \
	debian/ovs-span.lintian-overrides \
	debian/ovs-span.postinst \
	debian/ovs-span.postrm \
	debian/ovs-span.prerm \
	debian/policy.json.example \
	debian/rules \
	debian/source/format \
	rpm/ovs-span.spec \
	tests/packages/boot \
	tests/packages/run
