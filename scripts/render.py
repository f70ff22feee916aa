#!/usr/bin/env python3
"""Renders urdf/steve.urdf into docs/steve.png, the picture in the README.

    python3 -m venv /tmp/render && /tmp/render/bin/pip install mitsuba pyoidn imagequant pillow urdf-parser-py
    /tmp/render/bin/python scripts/render.py

About five minutes on two idle cores. Nothing else in this repository needs those packages, the last one aside.
"""

import argparse
import math
import pathlib
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent.parent

OUT = pathlib.Path()  # the folder for the meshes, set by main

# Degrees, and metres for the clamp: he reaches out with an open hand, his name to the reader.
POSE = {"torso": 10, "shoulder": -40, "elbow": -14, "wrist_ud": -36, "wrist_lr": 20, "clamp": 0.024}

# How the URDF's materials look; a colour comes from the URDF.
FINISH = {
    "orange": {"roughness": 0.35, "specular": 0.5, "clearcoat": 0.4, "clearcoat_gloss": 0.9},
    "blue": {"roughness": 0.35, "specular": 0.5, "clearcoat": 0.4, "clearcoat_gloss": 0.9},
    "green": {"roughness": 0.35, "specular": 0.5, "clearcoat": 0.4, "clearcoat_gloss": 0.9},
    "black": {"roughness": 0.45, "specular": 0.4},
    "steel": {"roughness": 0.28, "metallic": 0.95},
    "foam": {"roughness": 0.9, "specular": 0.1},
    "white": {"roughness": 0.6, "specular": 0.3},
}
GLOWING = {"lamp": [0.1, 3.0, 0.5]}  # powered, which is green


def rotation(rpy):
    """The matrix of URDF's fixed-axis roll, pitch, yaw."""
    (cr, cp, cy), (sr, sp, sy) = np.cos(rpy), np.sin(rpy)
    return np.array([
        [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
        [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
        [-sp, cp * sr, cp * cr],
    ])


def frame(origin):
    """The 4x4 matrix of a URDF origin, which may be missing."""
    matrix = np.eye(4)
    if origin is not None:
        matrix[:3, :3] = rotation(origin.rpy or [0, 0, 0])
        matrix[:3, 3] = origin.xyz or [0, 0, 0]
    return matrix


def movement(joint, position):
    """The 4x4 matrix a joint adds at a position."""
    matrix = np.eye(4)
    if joint.type == "fixed":
        return matrix
    axis = np.array(joint.axis, dtype=float)
    if joint.type == "prismatic":
        matrix[:3, 3] = axis * position
    else:
        x, y, z = axis
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        matrix[:3, :3] = np.eye(3) + math.sin(position) * cross + (1 - math.cos(position)) * cross @ cross
    return matrix


def link_frames(robot, pose):
    """Link name -> 4x4 matrix in base_link."""
    def position(joint):
        if joint.mimic is not None:
            followed = robot.joint_map[joint.mimic.joint]
            return position(followed) * (joint.mimic.multiplier or 1) + (joint.mimic.offset or 0)
        return pose.get(joint.name, 0.0)

    frames = {robot.get_root(): np.eye(4)}
    waiting = list(robot.joints)
    while waiting:
        joint = next(j for j in waiting if j.parent in frames)
        waiting.remove(joint)
        frames[joint.child] = frames[joint.parent] @ frame(joint.origin) @ movement(joint, position(joint))
    return frames


def chamfered_box(size, chamfer):
    """Vertices and faces of a box with its edges broken, so that they catch the light."""
    half = np.array(size) / 2
    chamfer = min(chamfer, 0.3 * min(size))
    vertices, index = [], {}
    for signs in np.ndindex(2, 2, 2):
        sign = 2 * np.array(signs) - 1
        for axis in range(3):  # the corner's vertex in the face that looks along `axis`
            corner = half - chamfer
            corner = np.where(np.arange(3) == axis, half, corner) * sign
            index[(*signs, axis)] = len(vertices)
            vertices.append(corner)
    polygons = []
    for axis in range(3):
        u, v = [a for a in range(3) if a != axis]
        for side in (0, 1):
            def at(du, dv, face, side=side, axis=axis, u=u, v=v):
                signs = [0, 0, 0]
                signs[axis], signs[u], signs[v] = side, du, dv
                return index[(*signs, face)]
            polygons.append([at(0, 0, axis), at(1, 0, axis), at(1, 1, axis), at(0, 1, axis)])
            # the edge between this face and the one along u (once per pair)
            for other, run in ((u, v), (v, u)):
                if other < axis:
                    continue
                for end in (0, 1):
                    def on(along, face, side=side, axis=axis, other=other, run=run, end=end):
                        signs = [0, 0, 0]
                        signs[axis], signs[other], signs[run] = side, end, along
                        return index[(*signs, face)]
                    polygons.append([on(0, axis), on(1, axis), on(1, other), on(0, other)])
    for signs in np.ndindex(2, 2, 2):
        polygons.append([index[(*signs, axis)] for axis in range(3)])
    vertices = np.array(vertices)
    faces = []
    for polygon in polygons:
        points = vertices[polygon]
        outwards = np.dot(np.cross(points[1] - points[0], points[2] - points[0]), points.mean(axis=0)) > 0
        polygon = polygon if outwards else polygon[::-1]
        faces += [[polygon[0], polygon[i], polygon[i + 1]] for i in range(1, len(polygon) - 1)]
    return vertices, np.array(faces)


def chamfered_cylinder(radius, length, chamfer, segments=160):
    """Vertices and faces of a cylinder along z with broken edges."""
    chamfer = min(chamfer, 0.3 * length, 0.3 * radius)
    profile = [(0, -length / 2), (radius - chamfer, -length / 2), (radius, -length / 2 + chamfer),
               (radius, length / 2 - chamfer), (radius - chamfer, length / 2), (0, length / 2)]
    angle = np.linspace(0, 2 * math.pi, segments, endpoint=False)
    vertices = np.concatenate([
        np.stack([r * np.cos(angle), r * np.sin(angle), np.full(segments, z)], axis=1) for r, z in profile])
    faces = []
    for ring in range(len(profile) - 1):
        for i in range(segments):
            a, b = ring * segments + i, ring * segments + (i + 1) % segments
            c, d = a + segments, b + segments
            faces += [[a, b, d], [a, d, c]]
    return vertices, np.array(faces)


def scene(mi, robot, pose, size, samples):
    """Steve on a desk, lit from a window before him and a lamp behind, as Mitsuba takes it."""
    transform = mi.ScalarTransform4f

    def lamp(origin, target, half, light):
        """A square that shines from origin towards target."""
        place = transform().look_at(origin=origin, target=target, up=[0, 0, 1]) @ transform().scale(half)
        return {"type": "rectangle", "to_world": place,
                "emitter": {"type": "area", "radiance": {"type": "rgb", "value": light}}}

    parts = {
        "type": "scene",
        "integrator": {"type": "aov", "aovs": "albedo:albedo,normal:sh_normal",
                       "image": {"type": "path", "max_depth": 8}},
        "sensor": {
            "type": "thinlens", "fov": 22.3, "fov_axis": "x", "aperture_radius": 0.003, "focus_distance": 1.0,
            "to_world": transform().look_at(origin=[0.82, -0.66, 0.47], target=[0.034, -0.022, 0.130], up=[0, 0, 1]),
            "film": {"type": "hdrfilm", "width": size[0], "height": size[1], "rfilter": {"type": "box"}},
            "sampler": {"type": "multijitter", "sample_count": samples},
        },
        "sky": {"type": "constant", "radiance": {"type": "rgb", "value": [0.26, 0.27, 0.285]}},
        "window": lamp([0.55, -0.95, 0.95], [0, 0, 0.12], 0.32, [13.0, 12.2, 11.0]),
        "rim": lamp([-0.7, 0.65, 0.75], [0, 0, 0.15], 0.22, [8.0, 8.3, 9.0]),
        "desk": {
            "type": "ply", "filename": str(backdrop()),
            "bsdf": {"type": "principled", "base_color": {"type": "rgb", "value": [0.64, 0.635, 0.62]},
                     "roughness": 0.45, "specular": 0.35},
        },
    }
    colours = {material.name: material.color.rgba[:3] for material in robot.materials}
    for name, colour in colours.items():
        if name not in GLOWING:
            parts[f"bsdf_{name}"] = {
                "type": "principled", "id": f"bsdf_{name}", **FINISH.get(name, {}),
                "base_color": {"type": "rgb", "value": [c ** 2.2 for c in colour]},
            }
    frames = link_frames(robot, pose)
    for link in robot.links:
        for number, visual in enumerate(link.visuals):
            at = frames[link.name] @ frame(visual.origin)
            kind = type(visual.geometry).__name__
            if kind == "Box":
                vertices, faces = chamfered_box(visual.geometry.size, 0.0006)
            elif kind == "Cylinder":
                vertices, faces = chamfered_cylinder(visual.geometry.radius, visual.geometry.length, 0.0004)
            else:
                vertices = None
            material = visual.material.name
            if material in GLOWING:
                look = {"emitter": {"type": "area", "radiance": {"type": "rgb", "value": GLOWING[material]}}}
            else:
                look = {"bsdf": {"type": "ref", "id": f"bsdf_{material}"}}
            name = f"{link.name}_{number}"
            if vertices is None:
                parts[name] = {"type": "sphere", "radius": visual.geometry.radius,
                               "to_world": transform(at), **look}
                continue
            path = OUT / f"{name}.ply"
            write_ply(path, vertices @ at[:3, :3].T + at[:3, 3], faces)
            parts[name] = {"type": "ply", "filename": str(path), "face_normals": True, **look}
    return parts


def backdrop():
    """The desk, which bends up into a wall behind, as a photographer's paper does. Returns the mesh file."""
    away = np.array([-0.71, 0.70, 0.0])
    across = np.array([0.70, 0.71, 0.0])
    bend = np.linspace(0, math.pi / 2, 60)
    profile = [(-4.0, 0.0)] + [(0.55 + 0.8 * math.sin(a), 0.8 * (1 - math.cos(a))) for a in bend] + [(1.35, 6.0)]
    vertices = np.array([away * x + across * y + [0, 0, z] for x, z in profile for y in (-6, 6)])
    faces = np.array([[i, i + 1, i + 3] if k else [i, i + 3, i + 2]
                      for i in range(0, len(vertices) - 2, 2) for k in (1, 0)])
    write_ply(OUT / "backdrop.ply", vertices, faces)
    return OUT / "backdrop.ply"


def write_ply(path, vertices, faces):
    """A mesh file as Mitsuba reads it."""
    header = (f"ply\nformat binary_little_endian 1.0\nelement vertex {len(vertices)}\n"
              "property float x\nproperty float y\nproperty float z\n"
              f"element face {len(faces)}\nproperty list uchar int vertex_indices\nend_header\n")
    rows = np.empty(len(faces), dtype=[("n", "u1"), ("v", "<i4", 3)])
    rows["n"], rows["v"] = 3, faces
    path.write_bytes(header.encode() + vertices.astype("<f4").tobytes() + rows.tobytes())


def main():
    global OUT
    import imagequant
    import mitsuba as mi
    import pyoidn
    from PIL import Image
    from urdf_parser_py.urdf import URDF

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=HERE / "docs" / "steve.png", type=pathlib.Path)
    parser.add_argument("--size", default=[1000, 700], nargs=2, type=int, metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--samples", default=100, type=int, help="per pixel: less is faster and grainier")
    args = parser.parse_args()

    mi.set_variant("scalar_rgb")
    robot = URDF.from_xml_string((HERE / "urdf" / "steve.urdf").read_bytes())
    pose = {name: value if name == "clamp" else math.radians(value) for name, value in POSE.items()}
    with tempfile.TemporaryDirectory() as folder:
        OUT = pathlib.Path(folder)
        stage = mi.load_dict(scene(mi, robot, pose, args.size, args.samples))
        layers = np.array(mi.render(stage), dtype=np.float32)
    depth = layers.shape[2]
    image, albedo, normal = (np.ascontiguousarray(layers[:, :, i:i + 3]) for i in (0, depth - 6, depth - 3))
    image = pyoidn.denoise(image, albedo=np.clip(albedo, 0, 1), normal=normal, hdr=True)
    args.out.parent.mkdir(exist_ok=True)
    pixels = np.array(mi.Bitmap(image).convert(mi.Bitmap.PixelFormat.RGB, mi.Struct.Type.UInt8, srgb_gamma=True))
    # 256 colours are enough, and a third of the size.
    imagequant.quantize_pil_image(Image.fromarray(pixels).convert("RGBA")).save(args.out, optimize=True)
    print(args.out)


if __name__ == "__main__":
    sys.exit(main())
