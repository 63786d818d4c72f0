-- SPDX-License-Identifier: GPL-2.0-or-later
-- A peer of bench/peers.py: what a user writes to tell FTP's data connections, a postdissector that keeps announced addresses and ports.
local names = { "ftp.passive.ip", "ftp.passive.port", "ftp.active.cip", "ftp.active.port", "ftp.epsv.port", "ftp.eprt.ip", "ftp.eprt.ipv6", "ftp.eprt.port" }
local fields = {}
for _, name in ipairs(names) do
    fields[name] = Field.new(name)
end
local announced = {}
local proto = Proto("peer", "Announced FTP data")
local setup = ProtoField.uint32("peer.setup_frame", "Announced in")
proto.fields = { setup }

local function note(pinfo, address, port)
    if port then
        local key = tostring(address or pinfo.src) .. " " .. tostring(port)
        announced[key] = announced[key] or pinfo.number
    end
end

-- As text: 4.0 hands out the octets of FTP's addresses wrongly.
local function value(name)
    local info = fields[name]()
    return info and info.display
end

function proto.init()
    announced = {}
end

function proto.dissector(tvb, pinfo, tree)
    if pinfo.port_type ~= 2 then
        return
    end
    note(pinfo, value("ftp.passive.ip"), value("ftp.passive.port"))
    note(pinfo, value("ftp.active.cip"), value("ftp.active.port"))
    note(pinfo, nil, value("ftp.epsv.port"))
    note(pinfo, value("ftp.eprt.ip") or value("ftp.eprt.ipv6"), value("ftp.eprt.port"))
    local frame = announced[tostring(pinfo.src) .. " " .. pinfo.src_port] or announced[tostring(pinfo.dst) .. " " .. pinfo.dst_port]
    if frame then
        tree:add(proto):add(setup, frame)
    end
end

register_postdissector(proto)
