using System.Runtime.InteropServices;
using System.Text.Json;

namespace Apprentice.Compute.Tests;

/// <summary>The float32 tensors of a safetensors file; the reader proper lives in Models, which this project must not see.</summary>
internal sealed class GoldenTensors
{
    private readonly byte[] _file;
    private readonly JsonElement _header;
    private readonly int _start;

    public GoldenTensors(string path)
    {
        _file = File.ReadAllBytes(path);
        _start = 8 + (int)BitConverter.ToInt64(_file);
        _header = JsonDocument.Parse(_file.AsMemory(8, _start - 8)).RootElement;
    }

    public bool Has(string name) => _header.TryGetProperty(name, out _);

    public int[] Shape(string name) => [.. _header.GetProperty(name).GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];

    public NativeBuffer Values(string name)
    {
        JsonElement tensor = _header.GetProperty(name);
        Assert.Equal("F32", tensor.GetProperty("dtype").GetString());
        int from = tensor.GetProperty("data_offsets")[0].GetInt32(), to = tensor.GetProperty("data_offsets")[1].GetInt32();
        NativeBuffer values = new((to - from) / sizeof(float));
        MemoryMarshal.Cast<byte, float>(_file.AsSpan(_start + from, to - from)).CopyTo(values.Span);
        return values;
    }
}
