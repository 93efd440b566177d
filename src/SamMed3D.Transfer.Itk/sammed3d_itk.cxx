// A thin C interface to ITK's readers: one image in, float values and a grid out. ITK's world is LPS; the caller turns it to RAS.

#include <cstdint>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include <itkImageFileReader.h>
#include <itkImageIOFactory.h>
#include <itkImageSeriesReader.h>
#include <itkVectorImage.h>
#include <itkVersion.h>

#define EXPORT extern "C" __attribute__((visibility("default")))

// Two spare axes, so that files of two to four axes are read alike; missing ones are one voxel long.
using ImageType = itk::VectorImage<float, 4>;

struct Sammed3dImage
{
  int64_t size[4];       // voxels along each axis, the fastest first
  int64_t components;    // values of one voxel, which lie together
  double spacing[3];     // mm
  double origin[3];      // LPS, mm
  double direction[9];   // row by row; column n is the direction of image axis n
  const float * values;  // valid until the owner is freed
  void * owner;
};

namespace
{
int Fail(const char * reason, char * error, int errorLength)
{
  if (error && errorLength > 0)
  {
    std::strncpy(error, reason, errorLength - 1);
    error[errorLength - 1] = '\0';
  }
  return 1;
}

void RequireWithin(itk::ImageIOBase * io, size_t files, int64_t limit)
{
  double bytes = sizeof(float) * static_cast<double>(io->GetNumberOfComponents()) * static_cast<double>(files);
  for (unsigned axis = 0; axis < io->GetNumberOfDimensions(); ++axis)
    bytes *= static_cast<double>(io->GetDimensions(axis));
  if (bytes > static_cast<double>(limit))
    throw std::runtime_error("too large: the voxels take " + std::to_string(static_cast<int64_t>(bytes)) + " bytes, the limit is " + std::to_string(limit));
  if (io->GetNumberOfDimensions() > 4)
    throw std::runtime_error("the image has more than four axes");
}
}

/// Raised when a caller of an older version would misread the structure.
EXPORT int sammed3d_itk_interface() { return 1; }

EXPORT const char * sammed3d_itk_version() { return itk::Version::GetITKVersion(); }

/// Whether ITK has a reader for the file.
EXPORT int sammed3d_itk_can_read(const char * path)
{
  try
  {
    return itk::ImageIOFactory::CreateImageIO(path, itk::CommonEnums::IOFileMode::ReadMode).IsNotNull() ? 1 : 0;
  }
  catch (...)
  {
    return 0;
  }
}

/// Reads a file, or the sorted slices of a series. Returns 0, or 1 with the reason in error.
EXPORT int sammed3d_itk_read(const char * const * paths, int count, int64_t limit, Sammed3dImage * result, char * error, int errorLength)
{
  try
  {
    const std::vector<std::string> files(paths, paths + count);
    itk::ImageIOBase::Pointer io = itk::ImageIOFactory::CreateImageIO(files.at(0).c_str(), itk::CommonEnums::IOFileMode::ReadMode);
    if (io.IsNull())
      return Fail("ITK has no reader for it", error, errorLength);
    io->SetFileName(files[0]);
    io->ReadImageInformation();
    RequireWithin(io, files.size(), limit);

    ImageType::Pointer image;
    if (files.size() == 1)
    {
      auto reader = itk::ImageFileReader<ImageType>::New();
      reader->SetImageIO(io);
      reader->SetFileName(files[0]);
      reader->Update();
      image = reader->GetOutput();
      image->DisconnectPipeline();
    }
    else
    {
      // A series stacks along the third axis only when the image has three; the fourth is added below.
      using SliceStack = itk::VectorImage<float, 3>;
      auto reader = itk::ImageSeriesReader<SliceStack>::New();
      reader->SetImageIO(io);
      reader->SetFileNames(files);
      reader->ForceOrthogonalDirectionOff();
      reader->Update();
      SliceStack::Pointer stack = reader->GetOutput();
      stack->DisconnectPipeline();
      image = ImageType::New();
      ImageType::RegionType region;
      ImageType::SpacingType spacing(1.0);
      ImageType::PointType origin;
      ImageType::DirectionType direction;
      direction.SetIdentity();
      origin.Fill(0);
      region.SetSize(3, 1);
      for (unsigned axis = 0; axis < 3; ++axis)
      {
        region.SetSize(axis, stack->GetLargestPossibleRegion().GetSize(axis));
        spacing[axis] = stack->GetSpacing()[axis];
        origin[axis] = stack->GetOrigin()[axis];
        for (unsigned world = 0; world < 3; ++world)
          direction(world, axis) = stack->GetDirection()(world, axis);
      }
      image->SetRegions(region);
      image->SetSpacing(spacing);
      image->SetOrigin(origin);
      image->SetDirection(direction);
      image->SetNumberOfComponentsPerPixel(stack->GetNumberOfComponentsPerPixel());
      image->SetPixelContainer(stack->GetPixelContainer());
    }

    for (unsigned axis = 0; axis < 4; ++axis)
      result->size[axis] = static_cast<int64_t>(image->GetLargestPossibleRegion().GetSize(axis));
    for (unsigned axis = 0; axis < 3; ++axis)
    {
      result->spacing[axis] = image->GetSpacing()[axis];
      result->origin[axis] = image->GetOrigin()[axis];
      for (unsigned world = 0; world < 3; ++world)
        result->direction[3 * world + axis] = image->GetDirection()(world, axis);
    }
    result->components = image->GetNumberOfComponentsPerPixel();
    result->values = image->GetBufferPointer();
    result->owner = new ImageType::Pointer(image);
    return 0;
  }
  catch (const itk::ExceptionObject & problem)
  {
    return Fail(problem.GetDescription(), error, errorLength);
  }
  catch (const std::exception & problem)
  {
    return Fail(problem.what(), error, errorLength);
  }
  catch (...)
  {
    return Fail("unknown error", error, errorLength);
  }
}

EXPORT void sammed3d_itk_free(void * owner) { delete static_cast<ImageType::Pointer *>(owner); }
