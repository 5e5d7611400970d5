#!/usr/bin/python3
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
"""Steers a flow into a hook of ovs-span: an os-ken application.

  ovs-spanctl add dns source=hook:dns dest=sink:dns
  STEER_HOOK=dns STEER_UDP_PORT=53 osken-manager steer-flow.py

The switch forwards as it would without a controller; besides, what goes to
the UDP port is also output to the hook, and so is in the capture.  The hook
is a port like any other: its OpenFlow number changes when it is made again,
and the switch says so.

On the host itself the controller can follow the events, too, with
STEER_EVENTS=/var/run/openvswitch/span-events.sock: it then says what becomes
of the session and of its capture, and steers only while the session copies.
"""

import json
import os
import socket

from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import (CONFIG_DISPATCHER, MAIN_DISPATCHER,
                                       set_ev_cls)
from os_ken.lib import hub
from os_ken.ofproto import ofproto_v1_3

HOOK = os.environ.get("STEER_HOOK", "hook0")
UDP_PORT = int(os.environ.get("STEER_UDP_PORT", "53"))
EVENTS = os.environ.get("STEER_EVENTS")


class SteerFlow(app_manager.OSKenApp):
    """Sends one flow to the hook and to where it goes anyway."""

    OFP_VERSIONS = [ofproto_v1_3.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.hooks = {}         # datapath: the hook's number there
        self.feeds = None       # the session that has the hook
        self.copies = EVENTS is None    # does it copy, as far as we know?

    def start(self):
        """The application begins."""
        super().start()
        if EVENTS:
            self.threads.append(hub.spawn(self.follow_events))

    def follow_events(self):
        """Reads the socket of ovs-spand, again and again: a daemon may be
        restarted."""
        while True:
            try:
                with socket.socket(socket.AF_UNIX) as sock:
                    sock.connect(EVENTS)
                    for line in sock.makefile(encoding="utf-8"):
                        self.event_comes(json.loads(line))
            except OSError as error:
                self.logger.debug("%s: %s", EVENTS, error)
            hub.sleep(1)

    def event_comes(self, event):
        """Something has happened; the first line says how everything is."""
        if event["event"] == "snapshot":
            self.feeds = None
            for session in event["sessions"]:
                self.session_is(session)
        elif event["event"] == "state":
            self.session_is(event)
        elif event["event"] in ("loss", "gap"):
            self.logger.warning("%s", event["detail"])

    def session_is(self, session):
        """A session has a state; is it the one that the hook feeds?"""
        if any(port["port"] == HOOK for port in session["ports"]):
            self.feeds = session["uuid"]
        if session["uuid"] == self.feeds:
            self.copies = session["state"] in ("active", "degraded")
            self.logger.info("%s is %s %s", session["session"],
                             session["state"], session["detail"])
            for datapath in list(self.hooks):
                self.steer(datapath)

    @staticmethod
    def send_rule(datapath, priority, match, out_ports, command=None):
        """Adds (or with COMMAND changes) a rule that outputs to ports."""
        proto, parser = datapath.ofproto, datapath.ofproto_parser
        actions = [parser.OFPActionOutput(port) for port in out_ports]
        datapath.send_msg(parser.OFPFlowMod(
            datapath=datapath, priority=priority, match=match,
            command=proto.OFPFC_ADD if command is None else command,
            out_port=proto.OFPP_ANY, out_group=proto.OFPG_ANY,
            instructions=[parser.OFPInstructionActions(
                proto.OFPIT_APPLY_ACTIONS, actions)]))

    def steer(self, datapath):
        """The flow goes to the hook as well, if there is one that copies."""
        hook = self.hooks.get(datapath) if self.copies else None
        proto, parser = datapath.ofproto, datapath.ofproto_parser
        match = parser.OFPMatch(eth_type=0x0800, ip_proto=17,
                                udp_dst=UDP_PORT)
        if hook is None:
            self.send_rule(datapath, 100, match, [], proto.OFPFC_DELETE_STRICT)
        else:
            self.send_rule(datapath, 100, match, [hook, proto.OFPP_NORMAL])

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def switch_comes(self, event):
        """A switch has connected: it forwards, and tells of its ports."""
        datapath = event.msg.datapath
        parser = datapath.ofproto_parser
        self.send_rule(datapath, 0, parser.OFPMatch(),
                       [datapath.ofproto.OFPP_NORMAL])
        datapath.send_msg(parser.OFPPortDescStatsRequest(datapath, 0))

    @set_ev_cls(ofp_event.EventOFPPortDescStatsReply, MAIN_DISPATCHER)
    def ports_are(self, event):
        """All ports: is the hook among them?"""
        for port in event.msg.body:
            if port.name.decode() == HOOK:
                self.hooks[event.msg.datapath] = port.port_no
                self.steer(event.msg.datapath)

    @set_ev_cls(ofp_event.EventOFPPortStatus, MAIN_DISPATCHER)
    def port_changes(self, event):
        """A port has come, gone or changed: the hook?"""
        message = event.msg
        if message.desc.name.decode() == HOOK:
            if message.reason == message.datapath.ofproto.OFPPR_DELETE:
                self.hooks.pop(message.datapath, None)
            else:
                self.hooks[message.datapath] = message.desc.port_no
            self.steer(message.datapath)
