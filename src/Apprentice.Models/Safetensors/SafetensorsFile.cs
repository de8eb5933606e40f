using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Apprentice.Models;

/// <summary>A safetensors file, mapped into memory and read lazily. Safe for several readers at once until it is disposed by its opener.</summary>
public sealed unsafe class SafetensorsFile : ITensorSource
{
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _data;

    private SafetensorsFile(string path, IReadOnlyDictionary<string, TensorInfo> tensors, IReadOnlyDictionary<string, string> metadata, long dataStart, long length)
    {
        Path = path;
        Tensors = tensors;
        Metadata = metadata;
        if (length > dataStart)
        {
            _map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            _view = _map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            byte* pointer = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            _data = pointer + _view.PointerOffset + dataStart;
        }
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>The file's <c>__metadata__</c>; empty when it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header completely; no tensor is read yet.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file is missing or breaks a rule of the format; the message says which.</exception>
    public static SafetensorsFile Open(string path)
    {
        try
        {
            long length;
            (IReadOnlyDictionary<string, TensorInfo> tensors, IReadOnlyDictionary<string, string> metadata, long dataStart) header;
            using (FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete))
            {
                length = file.Length;
                header = SafetensorsHeader.Read(path, file);
            }

            return new SafetensorsFile(path, header.tensors, header.metadata, header.dataStart, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>The bytes of a tensor as they are in the file, without a copy; valid until the file is disposed.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <exception cref="CheckpointException">There is no such tensor, or it is larger than a span can be.</exception>
    public ReadOnlySpan<byte> Bytes(string name)
    {
        TensorInfo info = Info(name);
        if (info.ByteCount > int.MaxValue)
        {
            throw new CheckpointException(Path, $"tensor '{name}' of {info.ByteCount} bytes is larger than one span can be; use {nameof(ReadFloat32)}.");
        }

        return info.ByteCount == 0 ? [] : new ReadOnlySpan<byte>(Start(info), (int)info.ByteCount);
    }

    /// <inheritdoc/>
    public void ReadFloat32(string name, Span<float> values)
    {
        TensorInfo info = Info(name);
        if (values.Length != info.Count)
        {
            throw new CheckpointException(Path, $"tensor '{name}' has {info.Count} elements, shape {TensorInfo.Show(info.Shape)}; {values.Length} are asked for.");
        }

        if (info.Count > 0)
        {
            // In parts, because the bytes of a tensor that fits in a span of floats may not fit in a span of bytes.
            const int Part = 1 << 24;
            int size = info.Dtype.Size();
            for (int at = 0; at < values.Length; at += Part)
            {
                int count = Math.Min(Part, values.Length - at);
                Convert(info, new ReadOnlySpan<byte>(Start(info) + ((long)at * size), count * size), values.Slice(at, count));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_view is { SafeMemoryMappedViewHandle.IsClosed: false })
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map!.Dispose(); // Made together with the view.
        }
    }

    private void Convert(TensorInfo info, ReadOnlySpan<byte> source, Span<float> values)
    {
        switch (info.Dtype)
        {
            case TensorType.F32:
                source.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case TensorType.F16:
                ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(source);
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)halves[i];
                }

                break;
            case TensorType.BF16:
                ReadOnlySpan<ushort> upper = MemoryMarshal.Cast<byte, ushort>(source);
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BitConverter.UInt32BitsToSingle((uint)upper[i] << 16);
                }

                break;
            case TensorType.F64:
                Each<double>(source, values, static v => (float)v);
                break;
            case TensorType.Bool:
                Each<byte>(source, values, static v => v == 0 ? 0 : 1);
                break;
            case TensorType.U8:
                Each<byte>(source, values, static v => v);
                break;
            case TensorType.I8:
                Each<sbyte>(source, values, static v => v);
                break;
            case TensorType.I16:
                Each<short>(source, values, static v => v);
                break;
            case TensorType.U16:
                Each<ushort>(source, values, static v => v);
                break;
            case TensorType.I32:
                Each<int>(source, values, static v => v);
                break;
            case TensorType.U32:
                Each<uint>(source, values, static v => v);
                break;
            case TensorType.I64:
                Each<long>(source, values, static v => v);
                break;
            case TensorType.U64:
                Each<ulong>(source, values, static v => v);
                break;
            case TensorType.F8E5M2:
                // The upper half of a half.
                Each<byte>(source, values, static v => (float)BitConverter.UInt16BitsToHalf((ushort)(v << 8)));
                break;
            case TensorType.F8E4M3:
                Each<byte>(source, values, FromE4M3);
                break;
            default:
                throw new CheckpointException(Path, $"tensor '{info.Name}' has type {info.Dtype.FileName()}, which cannot be converted to float32 here.");
        }
    }

    /// <summary>Four exponent bits with bias 7, three of mantissa, no infinities (arXiv:2209.05433, table 1).</summary>
    private static float FromE4M3(byte value)
    {
        int exponent = (value >> 3) & 15;
        int mantissa = value & 7;
        float size = exponent == 15 && mantissa == 7 ? float.NaN
            : exponent == 0 ? MathF.ScaleB(mantissa, -9)
            : MathF.ScaleB(8 + mantissa, exponent - 10);
        return value < 0x80 ? size : -size;
    }

    private static void Each<T>(ReadOnlySpan<byte> source, Span<float> values, Func<T, float> convert)
        where T : unmanaged
    {
        ReadOnlySpan<T> typed = MemoryMarshal.Cast<byte, T>(source);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = convert(typed[i]);
        }
    }

    private TensorInfo Info(string name) => Tensors.TryGetValue(name, out TensorInfo? info)
        ? info
        : throw new CheckpointException(Path, $"there is no tensor '{name}' among the {Tensors.Count} of this file.");

    private byte* Start(TensorInfo info)
    {
        ObjectDisposedException.ThrowIf(_view is { SafeMemoryMappedViewHandle.IsClosed: true }, this);
        return _data + info.Offset;
    }
}
